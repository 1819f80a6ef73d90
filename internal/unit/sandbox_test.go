package unit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// addUnit writes a service into a root directory and loads it.
func addUnit(t testing.TB, root, name, settings string) *Unit {
	t.Helper()
	write(t, filepath.Join(root, "etc/systemd/system", name), "[Service]\nExecStart=/usr/bin/true\n"+settings, 0o644)
	return load(t, root, name)
}

// TestSandboxAsSystemd: what systemd makes of the unit's system-call filter and the
// drop-in's lets allroads work, and takes back nothing else that was forbidden.
func TestSandboxAsSystemd(t *testing.T) {
	root := newRoot(t)
	for name, c := range map[string]struct{ lacks, has []string }{
		"sandboxed.service": {lacks: []string{"mount", "swapon"}, has: []string{"seccomp", "pidfd_getfd", "clone", "execve"}},
		"narrow.service":    {lacks: []string{"mount", "ptrace"}, has: []string{"seccomp", "pidfd_getfd", "clone", "futex", "epoll_pwait", "sendmsg", "socketpair"}},
	} {
		before := strings.Fields(analyze(t, root, name).values["SystemCallFilter"][0])
		if slices.Contains(before, "pidfd_getfd") {
			t.Fatalf("%s allows pidfd_getfd by itself: %v", name, before)
		}
		install(t, load(t, root, name), Notify, "/usr/bin/allroads")
		after := strings.Fields(analyze(t, root, name).values["SystemCallFilter"][0])
		for _, call := range c.has {
			if !slices.Contains(after, call) {
				t.Errorf("%s does not allow %s: %v", name, call, after)
			}
		}
		for _, call := range c.lacks {
			if slices.Contains(after, call) {
				t.Errorf("%s allows %s", name, call)
			}
		}
	}
	denied := strings.Fields(analyze(t, root, "denied.service").values["SystemCallFilter"][0])
	install(t, load(t, root, "denied.service"), Notify, "/usr/bin/allroads")
	still := strings.Fields(analyze(t, root, "denied.service").values["SystemCallFilter"][0])
	for _, list := range [][]string{denied, still} { // They are in any order, the first with ~ before it.
		if !strings.HasPrefix(list[0], "~") {
			t.Fatalf("not a list of what is denied: %v", list)
		}
		list[0] = strings.TrimPrefix(list[0], "~")
	}
	if !slices.Contains(denied, "pidfd_getfd") || slices.Contains(still, "pidfd_getfd") || !slices.Contains(still, "ptrace") {
		t.Errorf("denied before %v, after %v", denied, still)
	}
}

// TestExecutable: where only some paths can be executed, allroads is one of them.
func TestExecutable(t *testing.T) {
	root := newRoot(t)
	d, err := load(t, root, "sandboxed.service").DropIn(Notify, "/opt/all roads/allroads")
	if err != nil || !strings.Contains(d.body, "ExecPaths=\"/opt/all roads/allroads\"\n") {
		t.Errorf("%v: %s", err, d.body)
	}
	if len(d.Hidden) > 0 {
		t.Errorf("hidden: %v", d.Hidden)
	}
	d, err = load(t, root, "web.service").DropIn(Notify, "/usr/bin/allroads")
	if err != nil || strings.Count(d.body, "\n") != 3 || len(d.Notes) > 0 {
		t.Errorf("%v: more than the command: %s %v", err, d.body, d.Notes)
	}
}

// TestBrokenPipe: the signal that systemd has services ignore, unless they say no.
func TestBrokenPipe(t *testing.T) {
	root := newRoot(t)
	for settings, ignored := range map[string]bool{"": true, "IgnoreSIGPIPE=yes": true, "IgnoreSIGPIPE=false": false} {
		d, err := addUnit(t, root, "pipe.service", settings).DropIn(Notify, "/usr/bin/allroads")
		if err != nil || strings.Contains(d.body, "--ignore-signal PIPE") != ignored {
			t.Errorf("%s: %v %s", settings, err, d.body)
		}
		said := analyze(t, root, "pipe.service").values["IgnoreSIGPIPE"]
		if len(said) != 1 || yes(said[0]) != ignored {
			t.Errorf("%s: systemd says %q", settings, said)
		}
	}
}

func TestHides(t *testing.T) {
	root := newRoot(t)
	for _, path := range []string{"root/bin/allroads", "tmp/allroads", "srv/jail/opt/allroads", "opt/allroads", "secret/allroads"} {
		write(t, filepath.Join(root, path), "", 0o755)
	}
	if err := os.Chmod(filepath.Join(root, "secret"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ program, settings, hidden string }{
		{"/root/bin/allroads", "ProtectHome=yes", "ProtectHome=yes"},
		{"/root/bin/allroads", "ProtectHome=tmpfs", "ProtectHome=tmpfs"},
		{"/root/bin/allroads", "ProtectHome=read-only", ""},
		{"/root/bin/allroads", "ProtectHome=tmpfs\nBindReadOnlyPaths=/root/bin", ""},
		{"/usr/bin/allroads", "ProtectHome=yes\nPrivateTmp=yes", ""},
		{"/tmp/allroads", "PrivateTmp=true", "PrivateTmp=true"},
		{"/tmp/allroads", "PrivateTmp=no", ""},
		{"/opt/allroads", "RootDirectory=/srv/jail", ""},
		{"/usr/bin/allroads", "RootDirectory=/srv/jail", "RootDirectory=/srv/jail"},
		{"/usr/bin/allroads", "RootImage=/srv/image", "RootImage=/srv/image"},
		{"/usr/bin/allroads", "InaccessiblePaths=-/usr", "InaccessiblePaths="},
		{"/opt/allroads", "TemporaryFileSystem=/opt:ro", "TemporaryFileSystem="},
		{"/secret/allroads", "User=nobody", "only root"},
		{"/secret/allroads", "DynamicUser=yes", "only root"},
		{"/secret/allroads", "User=root", ""},
		{"/opt/allroads", "User=nobody", ""},
	} {
		hidden := strings.Join(addUnit(t, root, "hidden.service", c.settings).hides(c.program), "; ")
		if (hidden == "") != (c.hidden == "") || !strings.HasPrefix(hidden, c.hidden) {
			t.Errorf("%s with %s: %q, want %q", c.program, c.settings, hidden, c.hidden)
		}
	}
}

func TestNotes(t *testing.T) {
	root := newRoot(t)
	const privileges, pid, families, few, path = "NO_NEW_PRIVS", "main process", "RestrictAddressFamilies", "threads", "PATH"
	for _, c := range []struct{ settings, note string }{
		{"User=nobody", privileges},
		{"User=nobody\nNoNewPrivileges=yes", ""},
		{"User=root", ""},
		{"User=nobody\nAmbientCapabilities=CAP_SYS_ADMIN", ""},
		{"CapabilityBoundingSet=CAP_NET_ADMIN", privileges},
		{"CapabilityBoundingSet=CAP_SYS_ADMIN CAP_NET_ADMIN", ""},
		{"CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_NET_ADMIN", privileges},
		{"CapabilityBoundingSet=~CAP_NET_ADMIN", ""},
		{"Type=forking", pid},
		{"Type=forking\nPIDFile=/run/x", ""},
		{"Type=notify", ""},
		{"RestrictAddressFamilies=AF_UNIX", families},
		{"RestrictAddressFamilies=AF_UNIX AF_INET", ""},
		{"RestrictAddressFamilies=none", families},
		{"RestrictAddressFamilies=~AF_PACKET", ""},
		{"RestrictAddressFamilies=~AF_INET AF_INET6", families},
		{"TasksMax=4", few},
		{"TasksMax=90%", ""},
		{"LimitNPROC=1:5", few},
		{"LimitAS=1G", "LimitAS"},
		{"Environment=PATH=/x\nExecStart=\nExecStart=true", path},
		{"Environment=PATH=/x", ""},
		{"AppArmorProfile=x", "AppArmorProfile"},
		{"Sockets=shell.socket nosuch.socket", "enable shell.socket for those"},
	} {
		u := addUnit(t, root, "noted.service", c.settings)
		commands, err := u.Commands()
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(u.notes(commands), "; ")
		if (notes == "") != (c.note == "") || !strings.Contains(notes, c.note) {
			t.Errorf("%s: %q, want %q", c.settings, notes, c.note)
		}
	}
	write(t, filepath.Join(root, "etc/selinux/config"), "# comment\nSELINUX=enforcing\n", 0o644)
	if notes := addUnit(t, root, "noted.service", "").notes(nil); len(notes) != 1 || !strings.Contains(notes[0], "SELinux") {
		t.Error(notes)
	}
}
