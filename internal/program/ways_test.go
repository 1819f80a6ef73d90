package program

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

func TestWays(t *testing.T) {
	root := uint32(0)
	user, admin := &Host{Machine: "x86_64", Compatible: []string{"i686"}}, &Host{Machine: "x86_64", Admin: true}
	setUID := Privileges{SetUID: &root}
	suffices := &Go{Godebugs: &Verdict{Yes, "all by net"}}
	for _, c := range []struct {
		name    string
		program Program
		host    *Host
		want    string // of notify, trace, bpf, godebug
		but     string // in the first that has any
	}{
		{"plain", Program{Machine: "x86_64"}, user, "yes yes yes no", ""},
		{"go", Program{Machine: "x86_64", Go: suffices}, user, "yes yes yes yes", ""},
		{"go, not looked at", Program{Machine: "x86_64", Go: &Go{}}, user, "yes yes yes unknown", ""},
		{"compat", Program{Machine: "i686"}, user, "yes yes yes no", ""},
		{"no compat", Program{Machine: "i686"}, admin, "no no no no", ""},
		{"foreign", Program{Machine: "aarch64", Go: suffices}, user, "no no no no", ""},
		{"emulated", Program{Machine: "aarch64"}, &Host{Machine: "x86_64", Emulated: "/usr/bin/qemu-aarch64"}, "yes yes yes no", "that program's"},
		{"set-uid", Program{Machine: "x86_64", Privileges: setUID, Go: suffices}, user, "yes yes yes yes", "without set-uid"},
		{"set-uid as root", Program{Machine: "x86_64", Privileges: setUID}, admin, "yes yes yes no", ""},
		{"set-uid ignored", Program{Machine: "x86_64", Privileges: Privileges{SetUID: &root, Ignored: true}}, user, "yes yes yes no", ""},
		{"capabilities", Program{Machine: "x86_64", Privileges: Privileges{Capabilities: []string{"cap_net_raw"}}}, user, "yes yes yes no", "without its file capabilities"},
		{"io_uring", Program{Machine: "x86_64", Uring: &Sight{Seen, "x"}}, user, "yes yes yes no", "io_uring are not caught (seen: x)"},
		{"no io_uring", Program{Machine: "x86_64", Uring: &Sight{NotSeen, "x"}}, user, "yes yes yes no", ""},
		{"refused", Program{Machine: "x86_64"}, &Host{Machine: "x86_64", Refused: map[string]string{Notify: "a", Trace: "b"}, Unsure: map[string]string{BPF: "c"}}, "no no unknown no", ""},
	} {
		var answers []string
		but := ""
		for _, w := range Ways(&c.program, c.host) {
			answers = append(answers, string(w.Works))
			if w.Works == No && (w.Why == "" || w.But != nil) {
				t.Errorf("%s: %+v", c.name, w)
			}
			if but == "" {
				but = strings.Join(w.But, " ")
			}
			if w.Strategy == BPF && c.program.Privileges.SetUID != nil && w.But != nil {
				t.Errorf("%s: by bpf it loses %v", c.name, w.But)
			}
		}
		if got := strings.Join(answers, " "); got != c.want || !strings.Contains(but, c.but) || c.but == "" && but != "" {
			t.Errorf("%s: %s, want %s; but %q", c.name, got, c.want, but)
		}
	}
}

func TestConvertible(t *testing.T) {
	for _, c := range []struct {
		ways []Way
		want Answer
	}{{nil, No}, {[]Way{{Works: No}}, No}, {[]Way{{Works: Unknown}, {Works: No}}, Unknown}, {[]Way{{Works: No}, {Works: Unknown}, {Works: Yes}}, Yes}} {
		if got := Convertible(c.ways); got != c.want {
			t.Errorf("%+v: %s", c.ways, got)
		}
	}
}

// TestHere: this program can be converted on a host with MPTCP.
func TestHere(t *testing.T) {
	p, err := Inspect("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	h := Here(p)
	if h.Machine != p.Machine {
		t.Errorf("the host is %s, this program %s", h.Machine, p.Machine)
	}
	if reason := h.Refused[Godebug]; reason != "" {
		netnstest.Missing(t, reason)
	}
	if runtime.GOARCH == "amd64" && (h.Refused[Notify] != "" || Convertible(Ways(p, h)) != Yes) {
		t.Errorf("%+v", h)
	}
	if os.Geteuid() != 0 && (h.Admin || h.Refused[BPF] == "") {
		t.Errorf("an ordinary user: %+v", h)
	}
}

// TestEmulator reads what binfmt_misc shows.
func TestEmulator(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"register": "", "status": "enabled\n",
		"qemu-aarch64": "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: F\noffset 0\nmagic 7f454c460200\nmask fffffffffff0\n",
		"off":          "disabled\ninterpreter /off\nflags: \noffset 0\nmagic 4d5a\n",
		"later":        "enabled\ninterpreter /later\nflags: \noffset 2\nmagic 4142\n",
		"damaged":      "enabled\ninterpreter /damaged\noffset -1\nmagic zz\n",
		"by-name":      "enabled\ninterpreter /jar\nflags: \nextension .jar\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for header, want := range map[string]string{
		"\x7fELF\x02\x00": "/usr/bin/qemu-aarch64-static", "\x7fELF\x02\x0f": "/usr/bin/qemu-aarch64-static", "\x7fELF\x02\x10": "",
		"\x7fELF\x01\x00": "", "\x7fELF\x02": "", "MZ": "", "..AB": "/later", "": "",
	} {
		if got := emulator(folder, []byte(header)); got != want {
			t.Errorf("%q is run by %q, want %q", header, got, want)
		}
	}
	if emulator("/none", []byte("MZ")) != "" {
		t.Error("an emulator of nowhere")
	}
}
