package top_test

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// BenchmarkProgram is what part of a core `allroads top` takes, of user and system
// time together, looking each second at live connections with two subflows each. An
// operation is one such second.
func BenchmarkProgram(b *testing.B) {
	for _, connections := range []int{1, 5000} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) { benchmarkProgram(b, connections) })
	}
}

func benchmarkProgram(b *testing.B, connections int) {
	var limit unix.Rlimit
	must(b, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if limit.Cur < uint64(2*connections+100) {
		netnstest.Missing(b, fmt.Sprintf("%d open files", 2*connections+100))
	}
	n := newNetwork(b, "10.1.0.1:4321")
	n.join(b, "10.2.0.2")
	n.multiply(b, connections)
	m := sit(b, n.client, 80, 24)
	m.runs("")
	m.Shows(fmt.Sprintf("%d connection", connections), fmt.Sprintf("%d subflows", 2*connections))
	pid := m.program()
	before := used(b, pid)
	b.ResetTimer()
	for range b.N {
		time.Sleep(time.Second)
	}
	b.StopTimer()
	b.ReportMetric(100*(used(b, pid)-before).Seconds()/b.Elapsed().Seconds(), "core-%")
	m.Types("q")
	m.restored(0)
}

// multiply makes connections until there are enough.
func (n *network) multiply(b *testing.B, enough int) {
	b.Helper()
	var listener *mptcp.Listener
	to := netip.MustParseAddrPort("10.1.0.1:4322")
	must(b, n.server.Run(func() (err error) {
		listener, err = mptcp.Listen(b.Context(), to)
		return err
	}))
	b.Cleanup(func() { listener.Close() })
	must(b, n.client.Run(func() error {
		for range enough - 1 {
			conn, err := new(mptcp.Dialer).Dial(b.Context(), to)
			if err != nil {
				return err
			}
			b.Cleanup(func() { conn.Close() })
			accepted, err := listener.Accept()
			if err != nil {
				return err
			}
			b.Cleanup(func() { accepted.Close() })
			if _, err := conn.Write([]byte("so that it is established")); err != nil {
				return err
			}
			if _, err := accepted.Read(make([]byte, 100)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// used is the time that a process has had a core, in user and system mode
// (proc_pid_stat(5)).
func used(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	must(b, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		must(b, err)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // USER_HZ
}
