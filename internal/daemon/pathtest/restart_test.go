package pathtest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKilled: allroadsd is killed while connections live, and started again. It takes
// them over: each goes on, none gets a subflow twice, and one that has lost its second
// subflow meanwhile gets another.
func TestKilled(t *testing.T) {
	t.Parallel()
	n := size(100, 1000, 1000)
	s := build(t, "two")
	dir := s.tempDir()
	s.echoes("10.0.1.1:5000")
	s.watch("client")
	first := s.allroadsdIn(s.client, "testdata/two.allroads.yaml", dir)
	crowd := s.crowd(n, addr("10.0.1.1:5000"))
	s.await("each connection has its second subflow", func() bool { return s.established() == n })
	first.stop(unix.SIGKILL)
	crowd.pings(t)
	// A connection that begins while nobody listens is found by the next allroadsd.
	crowd = append(crowd, s.crowd(1, addr("10.0.1.1:5000"))...)
	start := time.Now()
	s.allroadsdIn(s.client, "testdata/two.allroads.yaml", dir)
	s.await("the connection made meanwhile has its second subflow", func() bool { return s.established() == n+1 })
	t.Logf("measured: %v from the start until the connection made meanwhile was managed", time.Since(start))
	time.Sleep(quiet)
	crowd[:n].pings(t)
	s.oneEach(n + 1)
}

// TestStopped: SIGTERM leaves connections and their subflows alone, and gives the
// settings back.
func TestStopped(t *testing.T) {
	t.Parallel()
	s := build(t, "two")
	s.set(s.client, "net.mptcp.path_manager", "kernel")
	s.echoes("10.0.1.1:5000")
	s.watch("client")
	p := s.allroadsd("two")
	crowd := s.crowd(20, addr("10.0.1.1:5000"))
	s.await("each connection has its second subflow", func() bool { return s.established() == 20 })
	p.stop(unix.SIGTERM)
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	crowd.pings(t)
	s.oneEach(20)
	if got := s.in(s.client, "sysctl", "-n", "net.mptcp.path_manager"); got != "kernel\n" {
		t.Errorf("path_manager is %q after the end", got)
	}
}

// TestReload: a reload acts on what is different, and on nothing else; a file that is
// wrong changes nothing.
func TestReload(t *testing.T) {
	t.Parallel()
	s := build(t, "roads")
	s.watch("client")
	dir := s.tempDir()
	config := filepath.Join(dir, "allroads.yaml")
	write := func(text string) { must(t, os.WriteFile(config, []byte(text), 0o644)) }
	const red, rest = "mode: userspace\ninterfaces:\n  - {match: {names: [red, blue]}, role: use}\n", "  - {match: {names: [green]}, role: use}\n"
	write(red)
	p := s.allroadsdIn(s.client, config, dir)
	s.sink(s.server, "0.0.0.0:80")
	s.talk("10.0.1.1:80")
	s.joins("blue 10.0.2.2 > 10.0.1.1:80")
	s.settled("blue 10.0.2.2 > 10.0.1.1:80")
	write(red + "nonsense: 1\n")
	p.signal(unix.SIGHUP)
	s.settled("blue 10.0.2.2 > 10.0.1.1:80")
	write(red + rest)
	p.signal(unix.SIGHUP)
	s.joins("blue 10.0.2.2 > 10.0.1.1:80", "green 10.0.3.2 > 10.0.1.1:80")
	s.settled("blue 10.0.2.2 > 10.0.1.1:80", "green 10.0.3.2 > 10.0.1.1:80")
}
