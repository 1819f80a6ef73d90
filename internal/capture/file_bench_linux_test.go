package capture

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var benchPackets = flag.Int("packets", 100_000, "packets of the files that benchmarks read")

// BenchmarkFileRead reads all records of a capture of headers, beside the program
// of the field that does the least with the same file, in turn: the ratio is of
// processor time.
func BenchmarkFileRead(b *testing.B) {
	dir := b.TempDir()
	old, ng := filepath.Join(dir, "f.pcap"), filepath.Join(dir, "f.pcapng")
	makeHeaders(b, old)
	run(b, "editcap", "-F", "pcapng", old, ng)
	for _, path := range []string{old, ng} {
		run(b, "gzip", "-k", path)
		run(b, "zstd", "-qk", path)
		b.Run(filepath.Base(path), func(b *testing.B) { beside(b, path, "tcpdump", "-r", path, "-w", "/dev/null") })
		b.Run(filepath.Base(path)+".gz", func(b *testing.B) { beside(b, path+".gz", "gzip", "-dc", path+".gz") })
		b.Run(filepath.Base(path)+".zst", func(b *testing.B) { beside(b, path+".zst", "zstd", "-qdc", path+".zst") })
	}
	b.Run("merge", func(b *testing.B) { benchmarkMerge(b, old, ng) })
}

// makeHeaders repeats the sample's packets, with numbers that differ.
func makeHeaders(b *testing.B, path string) {
	b.Helper()
	templates, err := readPackets(openFile(b, sample))
	if err != io.EOF {
		b.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(file)
	record := builder{order: orders["little"]}
	record.pcap(0xa1b23c4d, 2, 4, 118, 1)
	for n := range *benchPackets {
		p := &templates[n%len(templates)]
		data := p.Data[:min(len(p.Data), 118)]
		record.add32(uint32(1700000000+n/200_000), uint32(n%200_000)*5000, uint32(len(data)), uint32(p.Length))
		record.Write(data)
		for i, at := range []int{38, 42, 58} { // sequence number, acknowledgement, time stamp
			record.order.AppendUint32(record.Bytes()[record.Len()-len(data)+at:][:0], uint32(n*1400*(i+1))+rand.Uint32N(3))
		}
		if _, err := record.WriteTo(out); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
}

func beside(b *testing.B, path, program string, args ...string) {
	name, err := exec.LookPath(program)
	if err != nil {
		b.Skipf("missing: %v", err)
	}
	var ours, wall, theirs time.Duration
	for b.Loop() {
		c, w := timeRead(b, openFile(b, path))
		ours, wall = ours+c, wall+w
		command := exec.Command(name, args...)
		said := new(strings.Builder)
		command.Stderr = said
		if err := command.Run(); err != nil {
			if strings.Contains(said.String(), "change ") { // tcpdump in a user namespace.
				b.Skipf("missing: %s", said)
			}
			b.Fatalf("%v: %v: %s", command, err, said)
		}
		theirs += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	}
	report(b, ours, wall, *benchPackets)
	b.ReportMetric(float64(theirs)/float64(b.N**benchPackets), program+"-ns/packet")
	b.ReportMetric(float64(ours)/float64(theirs), "×"+program)
}

func benchmarkMerge(b *testing.B, paths ...string) {
	var cpu, wall time.Duration
	for b.Loop() {
		var files []*File
		for _, path := range paths {
			files = append(files, openFile(b, path))
		}
		c, w := timeRead(b, MergeFiles(files...))
		cpu, wall = cpu+c, wall+w
	}
	report(b, cpu, wall, len(paths)**benchPackets)
}

// timeRead reads all records and takes the process's time meanwhile.
func timeRead(b *testing.B, r interface {
	Read(*Packet) error
	Close() error
	Stats() FileStats
}) (cpu, wall time.Duration) {
	b.Helper()
	start, before := time.Now(), processTime(b)
	var p Packet
	bytes := 0
	err := r.Read(&p)
	for err == nil {
		bytes += len(p.Data)
		err = r.Read(&p)
	}
	cpu, wall = processTime(b)-before, time.Since(start)
	if s := r.Stats(); err != io.EOF || s.Packets < uint64(*benchPackets) || bytes == 0 {
		b.Fatal(fmt.Sprint(s.Packets), err)
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	return cpu, wall
}

func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func report(b *testing.B, cpu, wall time.Duration, packets int) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(cpu)/float64(b.N*packets), "cpu-ns/packet")
	b.ReportMetric(float64(wall)/float64(b.N*packets), "ns/packet")
}
