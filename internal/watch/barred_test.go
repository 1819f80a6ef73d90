package watch

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestBarred: a process that may not be looked into, because it is not dumpable and this
// one has no CAP_SYS_PTRACE. What listings show is known all the same.
func TestBarred(t *testing.T) {
	if os.Getenv("ALLROADS_WATCH_BARRED") == "" {
		cmd := exec.Command("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", os.Args[0], "-test.run=^TestBarred$", "-test.v")
		cmd.Env = append(os.Environ(), "ALLROADS_WATCH_BARRED=1", plain+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil && strings.Contains(err.Error(), "executable file not found") {
			netnstest.Missing(t, "setpriv")
		}
		if err != nil || !strings.Contains(string(out), "--- PASS: TestBarred") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	w := watcher(t)
	to, tcp := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"), listen(t, unix.IPPROTO_TCP, "127.0.0.1")
	idle, first, second, server := give(t, w), give(t, w), give(t, w), give(t, w)
	for _, p := range []*program{idle, first, second, server} {
		p.must("undumpable")
	}
	pid := idle.cmd.Process.Pid
	if fd, err := fetchOnce(int32(pid), 3); err != errBarred {
		t.Fatalf("fetched %d, %v", fd, err)
	}
	first.must("connect", 3, to)
	second.must("connect", 3, tcp)
	server.must("bind", 3, "127.0.0.1:0")
	server.must("listen", 3)
	await(t, w, "found", func(r Connections) bool {
		w.Look()
		return r.MPTCP == 1 && r.FallenBack == 1 && r.Listening == 1 && r.Failed == 0 &&
			len(r.Unknown) == 1 && r.Unknown[0] == (Unknown{reasonTexts[notAllowed], 1})
	})
}
