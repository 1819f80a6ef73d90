package notify

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestRescue: a supervisor is killed after it has received a call, before or after it has
// put the socket into the program. The call is answered, with one socket.
func TestRescue(t *testing.T) {
	for _, c := range []struct {
		given bool
		want  string
	}{
		{false, "\nsocket 3 protocol 262\n"},
		{true, "\nsocket 9 protocol 262\n"},
	} {
		file := filepath.Join(t.TempDir(), "program")
		if out, err := exec.Command("gcc", "-O2", "-static", "-pthread", "-o", file, "testdata/program.c").CombinedOutput(); err != nil {
			netnstest.Missing(t, "program gcc: "+err.Error()+string(out))
		}
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		null, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		process, installed, err := Start(file, []string{file, "self"}, &os.ProcAttr{Files: []*os.File{null, write, write}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		write.Close()
		null.Close()
		l, left := installed.Listener, new(slot)
		for left.call.Call.Arch == 0 {
			if ready, err := l.Wait(-1); err != nil || !ready {
				t.Fatal(ready, err)
			}
			_ = l.Receive(&left.call)
		}
		if c.given {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
			if err != nil {
				t.Fatal(err)
			}
			left.inode = inodeOf(fd)
			if err := l.Replace(left.call.ID, fd, 9, false); err != nil {
				t.Error(err)
			}
			unix.Close(fd)
		}
		if err := serve(l, Options{}, left); err != nil {
			t.Error(err)
		}
		process.Wait()
		l.Close()
		out, _ := io.ReadAll(read)
		read.Close()
		if !strings.Contains(string(out), c.want) {
			t.Errorf("given %v: want %q in %s", c.given, c.want, out)
		}
	}
}

// TestOrders: what a supervisor tells the next one.
func TestOrders(t *testing.T) {
	if o, err := parse([]string{"--require", "--killable", "--report=/a=b", "--only=192.0.2.1:443", "--except=:22"}); err != nil ||
		!o.Require || !o.killable || o.report != "/a=b" || o.Choose.String() != "only 192.0.2.1:443, except :22" {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := parse([]string{"--other"}); err == nil {
		t.Error("a word that nobody knows is taken")
	}
	if err := Supervise(nil, nil); err == nil {
		t.Error("Supervise without a role")
	}
}
