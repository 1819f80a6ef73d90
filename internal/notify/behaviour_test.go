package notify_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/notify"
	"allroads/internal/tally"
)

// TestBehaviour: programs that do as they like.
func TestBehaviour(t *testing.T) {
	for _, c := range []struct {
		word, want string
		options    notify.Options
	}{
		{"full", "full: Too many open files", notify.Options{}},
		{"full", "full: Too many open files", notify.Options{Require: true}},
		{"closeall", "", notify.Options{}},
		{"filters", "allow: 0\nallowed: protocol 262\nrefuse: 0\nrefused: Operation not permitted", notify.Options{}},
		{"listener", "listener: Device or resource busy\nafter: protocol 262", notify.Options{}},
		{"ring", "ring: Operation not permitted", notify.Options{Require: true}},
		{"children", "fork: protocol 262\ngrandchild: protocol 262\nvfork exec: protocol 262\nclone: protocol 262\n" +
			"thread: protocol 262\ndaemon: protocol 262", notify.Options{}},
	} {
		t.Run(c.word, func(t *testing.T) {
			r := start(t, c.options, program(t), c.word)
			pid := r.process.Pid
			if got := r.wait(t); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			s, self := r.tally.Sockets(), []tally.Activity{{Process: tally.Process{PID: pid, Command: "program"}, Count: 1}}
			if c.word == "listener" && !equal(s.OwnListeners, self) || c.word == "ring" && !equal(s.Rings, self) {
				t.Errorf("tally %+v", s)
			}
		})
	}
}

func equal(a, b []tally.Activity) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// TestRing: without Require it is as without us, and counted.
func TestRing(t *testing.T) {
	out, err := exec.Command(program(t), "ring").Output()
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, notify.Options{}, program(t), "ring")
	if got := r.wait(t); got+"\n" != string(out) {
		t.Errorf("%q, want %q", got, out)
	}
	if s := r.tally.Sockets(); len(s.Rings) != 1 {
		t.Errorf("tally %+v", s)
	}
}

// TestSetUID: with CAP_SYS_ADMIN a set-uid program keeps its rights.
func TestSetUID(t *testing.T) {
	if os.Geteuid() != 0 || netns.Inside() {
		t.Skip("only root has files of other users; and an ordinary user needs no_new_privs, so set-uid programs have no effect")
	}
	dir, err := os.MkdirTemp("/var/tmp", "allroads-notify")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "program")
	content, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(file, content, 0o755)
	os.Chown(file, 1, 1)
	os.Chmod(file, os.ModeSetuid|0o755)
	r := start(t, notify.Options{}, file, "self")
	if r.installed.NoNewPrivs {
		t.Skip("no CAP_SYS_ADMIN")
	}
	if out := r.wait(t); !strings.Contains(out, "CapEff:\t0000000000000000") || !strings.Contains(out, "protocol 262") {
		t.Error(out)
	}
}
