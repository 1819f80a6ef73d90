package unit

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// TestGoDebugAsSystemd: systemd gives the program the GODEBUG of the unit with ours
// added, and all other variables as they were.
func TestGoDebugAsSystemd(t *testing.T) {
	root := newRoot(t)
	for name, want := range map[string]string{
		"golang.service": "GODEBUG=madvdontneed=1,multipathtcp=1",
		"web.service":    "GODEBUG=multipathtcp=1",
	} {
		before := analyze(t, root, name)
		install(t, load(t, root, name), GoDebug, "")
		after := analyze(t, root, name)
		if len(before.said) != len(after.said) || len(after.commands) != len(before.commands) {
			t.Errorf("%s: %q", name, after.said)
		}
		kept := slices.DeleteFunc(slices.Clone(before.values["Environment"]), func(v string) bool { return strings.HasPrefix(v, "GODEBUG=") })
		got := slices.Clone(after.values["Environment"])
		if at := slices.Index(got, want); at < 0 {
			t.Errorf("%s: %q has no %s", name, got, want)
		} else if got = slices.Delete(got, at, at+1); !slices.Equal(got, kept) {
			t.Errorf("%s: others are %q, were %q", name, got, kept)
		}
	}
}

// TestGoDebugRefused: where the environment of a drop-in does not reach the program.
func TestGoDebugRefused(t *testing.T) {
	root := newRoot(t)
	write(t, filepath.Join(root, "etc/default/godebug"), "A=b\nGODEBUG=x=1\n", 0o644)
	for settings, fine := range map[string]bool{
		"UnsetEnvironment=GODEBUG":              false,
		"UnsetEnvironment=OTHER":                true,
		"EnvironmentFile=/etc/default/godebug":  false,
		"EnvironmentFile=-/etc/default/shell":   true,
		"EnvironmentFile=-/etc/default/missing": true,
	} {
		_, err := addUnit(t, root, "refused.service", settings).DropIn(GoDebug, "")
		if (err == nil) != fine {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

// TestSocketAsSystemd: the systemd that is installed takes SocketProtocol=mptcp exactly
// when we say so.
func TestSocketAsSystemd(t *testing.T) {
	root := newRoot(t)
	version := versionOf(t, "systemd-analyze")
	before := analyze(t, root, "shell.socket")
	install(t, load(t, root, "shell.socket"), Socket, "")
	after := analyze(t, root, "shell.socket")
	refused := CheckVersion(version) != nil
	if complains := len(after.said) > len(before.said); complains != refused {
		t.Errorf("systemd %d says %q, we: %v", version, after.said, CheckVersion(version))
	}
	if protocol := after.values["SocketProtocol"]; len(protocol) != 1 || (protocol[0] == "mptcp") == refused {
		t.Errorf("systemd %d has SocketProtocol %q, we: %v", version, protocol, CheckVersion(version))
	}
}

func TestSocketRefused(t *testing.T) {
	root := newRoot(t)
	for listen, want := range map[string]error{
		"ListenStream=80": nil, "ListenStream=[::]:80": nil, "ListenStream=1.2.3.4:80\nListenStream=81": nil,
		"ListenStream=/run/x": ErrOtherSocket, "ListenStream=@x": ErrOtherSocket, "ListenStream=vsock::1": ErrOtherSocket,
		"ListenDatagram=80": ErrOtherSocket, "ListenStream=80\nListenFIFO=/run/x": ErrOtherSocket, "ListenStream=": ErrNoInternet,
	} {
		write(t, filepath.Join(root, "etc/systemd/system/tried.socket"), "[Socket]\n"+listen+"\n", 0o644)
		if _, err := load(t, root, "tried.socket").DropIn(Socket, ""); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", listen, err, want)
		}
	}
	for version, fine := range map[int]bool{0: false, 252: false, 256: false, 257: true, 260: true} {
		if err := CheckVersion(version); (err == nil) != fine || !fine && !errors.Is(err, ErrOldSystemd) {
			t.Errorf("%d: %v", version, err)
		}
	}
}

// versionOf asks one of systemd's programs.
func versionOf(t *testing.T, program string) (version int) {
	t.Helper()
	out, err := exec.Command(program, "--version").Output()
	if errors.Is(err, exec.ErrNotFound) {
		netnstest.Missing(t, err.Error())
	}
	if _, scanErr := fmt.Sscanf(string(out), "systemd %d ", &version); err != nil || scanErr != nil {
		t.Fatalf("%s: %v %v", out, err, scanErr)
	}
	return version
}

func TestVersionOfRoot(t *testing.T) {
	if got, want := Version("/"), versionOf(t, "systemctl"); got != want {
		t.Errorf("this is %d, not %d", want, got)
	}
	root := t.TempDir()
	if got := Version(root); got != 0 {
		t.Error(got)
	}
	write(t, filepath.Join(root, "usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so"), "", 0o644)
	if got := Version(root); got != 257 {
		t.Error(got)
	}
	write(t, filepath.Join(root, "usr/lib/systemd/libsystemd-shared-258.1-2.fc43.so"), "", 0o644)
	if got := Version(root); got != 258 {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]Name{
		"nginx": "nginx.service", "nginx.service": "nginx.service", "ssh.socket": "ssh.socket", "foo@": "foo@.service",
		"foo@bar": "foo@bar.service", "foo@a.b": "foo@a.b.service", "foo.d": "foo.d.service", `a\x2db`: `a\x2db.service`,
		"": "", "@x": "", "a/b": "", "a*": "", "x.timer": "", "..": "...service", "ä": "", "a b": "", ".service": "",
		strings.Repeat("x", 250): "",
	} {
		if got, err := ParseName(text); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
}

// TestRefusedCommands: what cannot be wrapped is refused, and says why.
func TestRefusedCommands(t *testing.T) {
	root := newRoot(t)
	for settings, want := range map[string]string{
		"ExecStart=": "it has no ExecStart=",
		"Type=oneshot\nExecStart=\nExecStop=/usr/bin/true": "it has no ExecStart=",
		`ExecStart=/usr/bin/true "`:                        "unbalanced quoting",
		"ExecStart=@/usr/bin/true":                         "@ without a name",
		"ExecStart=@/usr/bin/true $A":                      "may hold several words",
		"ExecStart=| echo":                                 "the user's shell",
		"ExecStart=-":                                      "it has no program",
		"ExecStart=bin/true":                               "neither a name nor an absolute path",
		"[Service":                                         "invalid section header",
		"ExecStart=/usr/bin/true \xff":                     "not UTF-8",
		"ExecStart=/usr/bin/true a\x00b":                   "NUL",
	} {
		write(t, filepath.Join(root, "etc/systemd/system/refused.service"), "[Service]\nExecStart=/usr/bin/true\n"+settings+"\n", 0o644)
		u, err := System(root).Load("refused.service")
		if err == nil {
			_, err = u.DropIn(Notify, "/usr/bin/allroads")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", settings, err, want)
		}
	}
}
