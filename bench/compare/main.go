// Command compare times what reads capture files, on the same files in the same run,
// and prints a table:
//
//	go run ./bench/compare
//	go run ./bench/compare -packets 4400000 -connections 25000 -tshark=false
//	go run ./bench/compare FILE...
//
// Programs that are not installed are left out, and named.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

type settings struct {
	packets, connections int
	runs                 int
	tshark               bool
	files                []string
	folder               string
	allroads             string
}

func main() {
	var s settings
	flag.IntVar(&s.packets, "packets", 1_000_000, "make a capture of so many packets of one connection; 0: none")
	flag.IntVar(&s.connections, "connections", 25_000, "and one of so many short connections; 0: none")
	flag.IntVar(&s.runs, "runs", 5, "run everything so many times, in turns; of each the median is told")
	flag.BoolVar(&s.tshark, "tshark", true, "time tshark, once, which takes minutes")
	flag.Parse()
	s.files = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func (s *settings) run(ctx context.Context) (err error) {
	s.folder, err = os.MkdirTemp("", "allroads-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(s.folder)
	s.allroads = filepath.Join(s.folder, "allroads")
	if err := run(ctx, "go", "build", "-trimpath", "-o", s.allroads, "./cmd/allroads"); err != nil {
		return err
	}
	if err := s.make(ctx); err != nil {
		return err
	}
	for _, file := range s.files {
		if err := s.compare(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// make makes the captures, unless files are given.
func (s *settings) make(ctx context.Context) error {
	if len(s.files) > 0 {
		return nil
	}
	for _, one := range []struct {
		name, flag string
		count      int
	}{{"bulk", "-packets", s.packets}, {"short", "-connections", s.connections}} {
		if one.count == 0 {
			continue
		}
		file := filepath.Join(s.folder, one.name+".pcapng")
		if err := run(ctx, "go", "run", "./bench/captures", "-o", file, one.flag, fmt.Sprint(one.count)); err != nil {
			return err
		}
		s.files = append(s.files, file)
	}
	return nil
}

func run(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return nil
}
