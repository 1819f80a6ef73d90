package tap_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/tap"

	"golang.org/x/sys/unix"
)

// BenchmarkRecord writes the same traffic to a file as tcpdump does beside it, with
// the same snap length and a ring of the same size. Each is a process of its own;
// the ratio is of their processor time for each packet written.
func BenchmarkRecord(b *testing.B) {
	if os.Getenv(childVariable) != "" {
		child(b)
		return
	}
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		netnstest.Missing(b, "program tcpdump")
	}
	from, at := pair(b, 1)
	sink(b, at, "10.0.0.2:7000")
	dir := b.TempDir()
	ours := exec.Command("/proc/self/exe", "-test.run=^$", "-test.bench=^BenchmarkRecord$", "-test.benchtime=1x")
	ours.Env = append(os.Environ(), childVariable+"="+filepath.Join(dir, "ours.pcapng"))
	theirs := exec.Command(tcpdump, "-Z", "root", "-i", "b0", "-s", "118", "-B", "65536", "-w", filepath.Join(dir, "theirs.pcap"))
	end := []func() usage{start(b, at, ours, "listening on"), start(b, at, theirs, "listening on")}
	c := sender(b, from, "10.0.0.2:7000")
	sent := 0
	for b.Loop() {
		send(b, c, 0, 1000, 1000)
		time.Sleep(5 * time.Millisecond) // Neither is to lose packets.
		sent += 1000
	}
	time.Sleep(time.Second)
	us, them := end[0](), end[1]()
	us.packets = countAll(b, filepath.Join(dir, "ours.pcapng"))
	them.packets = countAll(b, filepath.Join(dir, "theirs.pcap"))
	b.ReportMetric(us.each(), "ns/packet")
	b.ReportMetric(them.each(), "tcpdump-ns/packet")
	b.ReportMetric(us.each()/them.each(), "ratio")
	b.ReportMetric(float64(sent-us.packets)/float64(sent), "lost")
	b.ReportMetric(float64(sent-them.packets)/float64(sent), "tcpdump-lost")
	b.ReportMetric(0, "ns/op")
}

const childVariable = "ALLROADS_TAP_BENCHMARK"

type usage struct {
	packets int
	time    time.Duration
}

func (u usage) each() float64 { return float64(u.time.Nanoseconds()) / float64(u.packets) }

// start starts a program in a namespace; end ends it.
func start(b *testing.B, ns *netns.NS, cmd *exec.Cmd, sign string) (end func() usage) {
	b.Helper()
	messages, err := cmd.StderrPipe()
	must(b, err)
	must(b, ns.Do(cmd.Start))
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	buffer, said := make([]byte, 1000), ""
	for !strings.Contains(said, sign) {
		n, err := messages.Read(buffer)
		if said += string(buffer[:n]); err != nil {
			b.Skipf("missing: %s", said)
		}
	}
	return func() usage {
		must(b, cmd.Process.Signal(syscall.SIGINT))
		must(b, cmd.Wait())
		return usage{time: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	}
}

// child captures until a signal.
func child(b *testing.B) {
	ctx, stop := signal.NotifyContext(b.Context(), syscall.SIGINT)
	defer stop()
	tapped, err := tap.Open(ctx, tap.Options{Interfaces: []string{"b0"}, SnapLen: 118, RingBytes: 64 << 20, Bulk: true})
	must(b, err)
	defer tapped.Close()
	r, err := tap.NewRecorder(tapped, tap.Files{Path: os.Getenv(childVariable)})
	must(b, err)
	_, err = unix.Write(2, []byte("listening on b0\n"))
	must(b, err)
	must(b, r.Record(0))
	must(b, r.Close())
}
