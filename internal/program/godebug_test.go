package program

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// dials1 connects to itself by package net, and prints what both sockets are.
const dials1 = `package main
import ("fmt"; "net"; "syscall")
func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil { panic(err) }
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil { panic(err) }
	for _, s := range []syscall.Conn{c.(*net.TCPConn), l.(*net.TCPListener)} {
		r, _ := s.SyscallConn()
		r.Control(func(fd uintptr) { p, _ := syscall.GetsockoptInt(int(fd), 1, 38); fmt.Println(p) })
	}
}
`

const (
	starts1 = "package main\nimport (\"net\"; \"os/exec\")\nfunc main() { net.Dial(\"tcp\", \"127.0.0.1:1\"); exec.Command(\"true\").Run() }\n"
	raw     = "package main\nimport (\"net\"; \"syscall\")\nfunc main() { net.Dial(\"tcp\", \"127.0.0.1:1\"); syscall.Socket(2, 1, 0) }\n"
	rawer   = "package main\nimport (\"net\"; \"syscall\")\nfunc main() { net.Dial(\"tcp\", \"127.0.0.1:1\"); syscall.RawSyscall(syscall.SYS_SOCKET, 2, 1, 0) }\n"
	rawUnix = "package main\nimport (\"net\"; \"golang.org/x/sys/unix\")\nfunc main() { net.Dial(\"tcp\", \"127.0.0.1:1\"); unix.Socket(2, 1, 0) }\n"
	chosen  = "package main\nimport \"net\"\nfunc main() { var d net.Dialer; d.SetMultipathTCP(false); d.Dial(\"tcp\", \"127.0.0.1:1\") }\n"
	http    = "package main\nimport \"net/http\"\nfunc main() { http.Get(\"http://127.0.0.1:1/\") }\n"
	without = "package main\nfunc main() { println(1) }\n"
)

// TestGodebug has the verdict on programs of each kind.
func TestGodebug(t *testing.T) {
	for _, c := range []struct {
		name, text  string
		environment []string
		options     []string
		want        Answer
		why         string
	}{
		{"net", dials1, nil, nil, Yes, "package net makes all"},
		{"stripped", dials1, nil, []string{"-ldflags=-s -w"}, Yes, "package net makes all"},
		{"pie", dials1, nil, []string{"-buildmode=pie"}, Yes, "package net makes all"},
		{"trimmed", dials1, nil, []string{"-trimpath"}, Yes, "package net makes all"},
		{"arm64", dials1, []string{"GOARCH=arm64"}, nil, Yes, "package net makes all"},
		{"386", dials1, []string{"GOARCH=386"}, nil, Unknown, "code of this machine"},
		{"http", http, nil, nil, Yes, "package net makes all"},
		{"starts", starts1, nil, nil, No, "start other programs"},
		{"raw", raw, nil, nil, Unknown, "main.main calls syscall.socket"},
		{"raw, arm64", raw, []string{"GOARCH=arm64"}, nil, Unknown, "main.main calls syscall.socket"},
		{"raw, stripped", raw, nil, []string{"-ldflags=-s -w"}, Unknown, "main.main calls syscall.socket"},
		{"rawer", rawer, nil, nil, Unknown, "makes system calls itself"},
		{"raw of x/sys", rawUnix, nil, nil, Unknown, "makes sockets itself"},
		{"chosen", chosen, nil, nil, Unknown, "choose by itself"},
		{"without net", without, nil, nil, No, "not connect or listen"},
		{"cgo", dials1, []string{"CGO_ENABLED=1"}, nil, No, "C in it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			switch c.name {
			case "cgo":
				run(t, nil, "gcc", "--version")
			case "raw of x/sys":
				if out, err := exec.Command("go", "list", "golang.org/x/sys/unix").CombinedOutput(); err != nil {
					t.Skipf("this user cannot read the modules of others: %s", out)
				}
			}
			p := examined(t, madeGo(t, c.text, c.environment, c.options...))
			if v := p.Go.Godebugs; v.Answer != c.want || !strings.Contains(v.Why, c.why) {
				t.Errorf("%+v, want %s: %s", v, c.want, c.why)
			}
			again, err := Inspect(p.Path)
			if err != nil || again.Go.Godebugs != nil || again.Options != nil || again.Uring != nil {
				t.Errorf("%+v, %v", again, err)
			}
			if err := again.DecideGodebug(); err != nil || *again.Go.Godebugs != *p.Go.Godebugs {
				t.Errorf("decided %+v, %v", again.Go.Godebugs, err)
			}
		})
	}
}

// TestGodebugOfNames has what old toolchains make, which are not here.
func TestGodebugOfNames(t *testing.T) {
	f := &functions{names: []byte("\x00net.(*sysDialer).dialMPTCP\x00net.DialTCP\x00")}
	if v := (&Go{Version: "go1.22.3"}).unsuitable(f); v == nil || v.Answer != No || !strings.Contains(v.Why, "net.DialTCP") {
		t.Errorf("%+v", v)
	}
	if v := (&Go{Version: "go1.24.0"}).unsuitable(f); v != nil {
		t.Errorf("%+v", v)
	}
	if v := (&Go{Version: "go1.20"}).godebugSuffices(nil, f); v.Answer != No {
		t.Errorf("%+v", v)
	}
	if v := (&Go{Version: "go1.26"}).godebugSuffices(nil, nil); v.Answer != Unknown {
		t.Errorf("%+v", v)
	}
}

// TestGodebugIsTrue runs a program of which the verdict is yes, also one that has its
// file's owner's rights: the variable counts there, too.
func TestGodebugIsTrue(t *testing.T) {
	t.Parallel()
	if _, err := Probe("TCP_NODELAY"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	path := madeGo(t, dials1, nil)
	if p := examined(t, path); p.Go.Godebugs.Answer != Yes || p.Go.Multipath != MultipathListeners {
		t.Fatalf("%+v", p.Go)
	}
	if got := run(t, []string{"GODEBUG=multipathtcp=1"}, path); got != "262\n262\n" {
		t.Errorf("sockets are of protocol %q", got)
	}
	if got := run(t, []string{"GODEBUG="}, path); got != "6\n262\n" {
		t.Errorf("by default, sockets are of protocol %q", got)
	}
	if os.Geteuid() != 0 {
		return
	}
	folder, err := os.MkdirTemp("", "allroads-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	text, _ := os.ReadFile(path)
	other := folder + "/set-uid"
	for _, err := range []error{os.Chmod(folder, 0o755), os.WriteFile(other, text, 0o755), os.Chmod(other, 0o755|os.ModeSetuid)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := examined(t, other); p.Privileges.SetUID == nil {
		t.Fatalf("%+v", p.Privileges)
	}
	command := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", other)
	command.Env = []string{"GODEBUG=multipathtcp=1", "PATH=" + os.Getenv("PATH")}
	if out, err := command.CombinedOutput(); err != nil || string(out) != "262\n262\n" {
		t.Errorf("set-uid: %s, %v", out, err)
	}
}

// TestGoDefaults: what a program was built with decides what it does by itself.
func TestGoDefaults(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]Multipath{"0": MultipathNone, "1": MultipathBoth, "2": MultipathListeners, "3": MultipathDialers} {
		p := examined(t, madeGo(t, "//go:debug multipathtcp="+setting+"\n"+dials1, nil))
		if p.Go.Multipath != want || p.Go.multipathtcp != setting || !strings.Contains(p.Go.Godebug, "multipathtcp="+setting) {
			t.Errorf("%s: %+v", setting, p.Go)
		}
	}
	for _, c := range []struct {
		g    Go
		want Multipath
	}{
		{Go{Version: "go1.20.14", settings: true}, MultipathNone},
		{Go{Version: "go1.21", settings: true}, MultipathNone},
		{Go{Version: "go1.23.4", settings: true}, MultipathNone},
		{Go{Version: "go1.24rc1", settings: true}, MultipathListeners},
		{Go{Version: "go1.25.1 X:synctest", settings: true}, MultipathListeners},
		{Go{Version: "devel go1.27-abcdef Mon Nov 2 2026", settings: true}, MultipathListeners},
		{Go{Version: "go1.26.1"}, MultipathUnknown},
		{Go{Version: "unknown", settings: true}, MultipathNone},
	} {
		if got := c.g.multipathByDefault(); got != c.want {
			t.Errorf("%s: %s, want %s", c.g.Version, got, c.want)
		}
	}
	if g := (&Go{Version: runtime.Version()}); !g.knows(goListeners) {
		t.Errorf("%s is not known to be as new as it is", g.Version)
	}
}
