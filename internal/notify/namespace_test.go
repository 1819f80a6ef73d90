package notify_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/notify"

	"golang.org/x/sys/unix"
)

// TestNamespaces: a thread that goes to another network namespace gets sockets of that
// one, the others of theirs.
func TestNamespaces(t *testing.T) {
	netnstest.Require(t)
	r := start(t, notify.Options{}, program(t), "unshare", fmt.Sprint(unix.CLONE_NEWNET))
	const want = "before: protocol 262\nelsewhere: protocol 262\nelsewhere: right\nafter: protocol 262\nafter: right"
	if got := r.wait(t); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNamespaceForbidden: an ordinary user may make a namespace, and the supervisor may
// not follow. The socket is of TCP, and the tally says so; or there is none.
func TestNamespaceForbidden(t *testing.T) {
	if os.Geteuid() != 0 || netns.Inside() {
		t.Skip("only root can become an ordinary user")
	}
	for _, c := range []struct{ words, want string }{
		{"", "before: protocol 262\nelsewhere: protocol 6\nelsewhere: right\n" +
			`{"seen":2,"converted":1,"left":[{"reason":"in a network namespace that may not be entered","count":1}],"refused":[]`},
		{"--require", "before: protocol 262\nelsewhere: Protocol not supported\nelsewhere: wrong\n" +
			`{"seen":2,"converted":1,"left":[],"refused":[{"reason":"in a network namespace that may not be entered","count":1}]`},
	} {
		cmd := exec.Command("/proc/self/exe", "test-tally", c.words, program(t), "unshare", fmt.Sprint(unix.CLONE_NEWNET|unix.CLONE_NEWUSER))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if bytes.Contains(out, []byte("unshare: ")) {
			netnstest.Missing(t, "user namespaces of ordinary users")
		}
		if err != nil || !strings.HasPrefix(string(out), c.want) {
			t.Errorf("%v: %s\nwant %s", err, out, c.want)
		}
	}
}

// TestSwitchedOff: where MPTCP is off, sockets are of TCP, and the tally says why.
func TestSwitchedOff(t *testing.T) {
	ns := netnstest.New(t)
	const reason = `[{"reason":"MPTCP is switched off (net.mptcp.enabled=0)","count":1}]`
	for words, want := range map[string]string{
		"":          "here: protocol 6\n" + `{"seen":1,"converted":0,"left":` + reason + `,"refused":[]`,
		"--require": "here: Protocol not supported\n" + `{"seen":1,"converted":0,"left":[],"refused":` + reason,
	} {
		var out []byte
		file := program(t)
		err := ns.Do(func() (err error) {
			if err := os.WriteFile("/proc/sys/net/mptcp/enabled", []byte("0"), 0); err != nil {
				return err
			}
			out, err = exec.Command("/proc/self/exe", "test-tally", words, file, "tell", "here").CombinedOutput()
			return err
		})
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%v: %s\nwant %s", err, out, want)
		}
	}
}

// TestNotDumpable: what an ordinary user may not look at may be anywhere.
func TestNotDumpable(t *testing.T) {
	if os.Geteuid() != 0 || netns.Inside() {
		t.Skip("only root can become an ordinary user")
	}
	cmd := exec.Command("/proc/self/exe", "test-tally", "", program(t), "undumpable")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	const want = "undumpable: protocol 6\n" + `{"seen":1,"converted":0,"left":[` +
		`{"reason":"the program's network namespace cannot be seen: permission denied","count":1}]`
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestOrdinaryUser: the rest of the tests runs with the rights of root, if only in a user
// namespace. Without them, all there is to see is no_new_privs.
func TestOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 || netns.Inside() {
		t.Skip("only root can become an ordinary user")
	}
	cmd := exec.Command("/proc/self/exe", "test-tally", "", program(t), "self")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "NoNewPrivs:\t1\n") || !strings.Contains(string(out), " protocol 262\n") {
		t.Errorf("%v: %s", err, out)
	}
}
