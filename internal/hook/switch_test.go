package hook

import (
	"errors"
	"os"
	"strings"
	"testing"

	"allroads/internal/hook/cgroup"
	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// TestSwitchedOff: where MPTCP is switched off, here or where a program is, a hook
// would make socket() fail, and is refused.
func TestSwitchedOff(t *testing.T) {
	requireHook(t)
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	if err := ns.SetSysctl("net.mptcp.enabled", "0"); err != nil {
		t.Fatal(err)
	}
	c := newCgroup(t, "switch")
	var p *program
	err = ns.Do(func() error {
		if err := Probe(); !errors.Is(err, ErrSwitchedOff) || !errors.Is(err, unix.ENOPROTOOPT) {
			t.Errorf("Probe where MPTCP is off: %v", err)
		}
		p = start(t, nil)
		_, err := Attach(c.Path())
		return err
	})
	wantOff(t, "Attach where MPTCP is off", err)
	p.wantTCP(isTCP, "where MPTCP is off")
	move(t, p, c)
	_, err = Attach(c.Path())
	wantOff(t, "Attach to a cgroup with a program where MPTCP is off", err)
	if err := ns.SetSysctl("net.mptcp.enabled", "1"); err != nil {
		t.Fatal(err)
	}
	hooked(t, c)
	p.wantTCP(isMPTCP, "in another namespace, where MPTCP is on")
}

func wantOff(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, ErrSwitchedOff) || !strings.Contains(err.Error(), "set sysctl net.mptcp.enabled=1") {
		t.Errorf("%s: %v", what, err)
	}
}

// TestProbe: a refusal names the reason in the kernel's words, and the way round.
func TestProbe(t *testing.T) {
	err := Probe()
	if err == nil {
		return
	}
	if !errors.Is(err, ErrNotSupported) && !errors.Is(err, ErrSwitchedOff) {
		t.Errorf("Probe: %v, which is neither of the documented errors", err)
	}
	if errors.Is(err, unix.EPERM) && os.Getuid() == 0 && initialUser() {
		for _, want := range []string{"operation not permitted", "refuses tracing programs", "--strategy notify"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("Probe as root: %v, without %q", err, want)
			}
		}
	}
	if strings.Contains(err.Error(), "MEMLOCK") {
		t.Errorf("Probe: %v: nothing here is about memory", err)
	}
	if text := err.Error(); strings.Contains(text, "\n") || len(text) > 400 {
		t.Errorf("Probe has %d letters: %q", len(text), text)
	}
	t.Log(err)
}

func TestAttachToNothing(t *testing.T) {
	for _, path := range []string{"/none/such", "/proc", t.TempDir(), "/proc/self/exe"} {
		if _, err := Attach(path); err == nil {
			t.Errorf("Attach to %s worked", path)
		}
	}
	if own, err := cgroup.Own(); err == nil {
		if _, err := Attach(own + "/cgroup.procs"); err == nil {
			t.Errorf("Attach to a file worked")
		}
	}
}
