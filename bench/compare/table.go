package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// table prints what was measured as Markdown. Ratios are to the CPU time of
// `tcpdump -w /dev/null`, which decodes nothing but the records of the file.
func (s *settings) table(file string, packets int64, readers []*reader) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s: %d packets, %.0f MB; medians of %d runs\n\n", filepath.Base(file), packets, float64(info.Size())/1e6, s.runs)
	fmt.Println("| program | wall | CPU | CPU a packet | memory | CPU ratio |")
	fmt.Println("|---|---:|---:|---:|---:|---:|")
	var base time.Duration
	for _, r := range readers {
		if r.words[0] == "tcpdump" && base == 0 {
			base = r.median().cpu
		}
	}
	for _, r := range readers {
		m := r.median()
		name := r.name
		if r.once {
			name += " (once)"
		}
		fmt.Printf("| %s | %.3f s | %.3f s | %d ns | %.0f MB | %.2f |\n", name, m.wall.Seconds(), m.cpu.Seconds(),
			m.cpu.Nanoseconds()/max(packets, 1), float64(m.memory)/1e6, float64(m.cpu)/float64(max(base, 1)))
	}
	return nil
}
