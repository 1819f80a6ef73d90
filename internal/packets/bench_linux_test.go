package packets_test

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"allroads/internal/packets"
	"allroads/trace"
)

var benchPackets = flag.Int("packets", 200_000, "packets of the capture that the benchmark reads")

// BenchmarkPrint prints a capture of bulk traffic, file reading included, beside
// tcpdump in turn: numbers are of processor time. tcpdump gets a time zone, as it
// otherwise looks for one for each packet.
func BenchmarkPrint(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bulk.pcapng")
	generator := exec.Command("go", "run", "../../bench/captures", "-o", path, "-packets", strconv.Itoa(*benchPackets))
	if out, err := generator.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var ours, theirs time.Duration
	var printed uint64
	for b.Loop() {
		before := processorTime(b)
		printed += printFile(b, path)
		ours += processorTime(b) - before
		command := tcpdumpCommand(b, path)
		if err := command.Run(); err != nil {
			b.Fatal(err)
		}
		theirs += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours.Nanoseconds())/float64(printed), "cpu-ns/packet")
	b.ReportMetric(float64(theirs.Nanoseconds())/float64(printed), "tcpdump-ns/packet")
	b.ReportMetric(float64(theirs)/float64(ours), "tcpdump/ours")
}

// printFile prints to /dev/null, as tcpdump does.
func printFile(b *testing.B, path string) (printed uint64) {
	file, err := trace.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	p := packets.New(null, packets.Options{Time: packets.Epoch})
	var packet trace.Packet
	err = file.Next(&packet)
	for ; err == nil; err = file.Next(&packet) {
		printed++
		if err := p.Packet(printed, &packet); err != nil {
			b.Fatal(err)
		}
	}
	if err != io.EOF || printed < uint64(*benchPackets)/2 {
		b.Fatal(printed, err)
	}
	if err := p.Flush(); err != nil {
		b.Fatal(err)
	}
	return printed
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
