package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asUser runs fn on a thread that has another user's rights; the thread is thrown
// away.
func asUser(uid int, fn func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			done <- errno
			return
		}
		done <- fn()
	}()
	return <-done
}

// connect connects on this very thread.
func connect(path string) (net.Conn, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close()
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, err
	}
	return net.FileConn(file)
}

// dial connects to a lab as the user does.
func (u *labUser) dial(name string) *net.UnixConn {
	u.t.Helper()
	uid := os.Getuid()
	if c := u.attributes.Credential; c != nil {
		uid = int(c.Uid)
	}
	var c net.Conn
	must(u.t, asUser(uid, func() (err error) {
		c, err = connect(filepath.Join(u.sockets(), name))
		return err
	}))
	u.t.Cleanup(func() { c.Close() })
	return c.(*net.UnixConn)
}

// ask sends bytes with files, and returns the answer.
func (u *labUser) ask(name, request string, files ...*os.File) string {
	u.t.Helper()
	c := u.dial(name)
	defer c.Close()
	var descriptors []int
	for _, file := range files {
		descriptors = append(descriptors, int(file.Fd()))
	}
	_, _, err := c.WriteMsgUnix([]byte(request), unix.UnixRights(descriptors...), nil)
	must(u.t, err)
	must(u.t, c.CloseWrite())
	must(u.t, c.SetDeadline(time.Now().Add(patience)))
	answer, err := io.ReadAll(c)
	must(u.t, err)
	return string(answer)
}

// TestLabRequests are those of another version, and no requests at all.
func TestLabRequests(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		for request, want := range map[string]string{
			"\n" + `{"op": "fly"}`:     `unknown request \"fly\": is this another version of allroads?`,
			"\n" + `{"op": "exec"}`:    "exec: wanted a command and three files",
			"\n{}":                     "unknown request",
			"\nGET / HTTP/1.1\r\n\r\n": "invalid character",
			"\n" + `{"op": "ex`:        "unexpected EOF",
			"\n" + `{"op": "exec", "exec": {"host": "a", "command": ["true"], "path": "true", "terminal": 9}}`: "three files",
			"\n" + `{"op": "capture"}`:                      "capture: wanted one file",
			"\n" + `{"op": "set", "link": "ab"}`:            "nothing to change",
			"\n" + `{"op": "links", "capture": ["", "ab"]}`: "no link",
		} {
			if answer := u.ask("lab", request); !strings.Contains(answer, want) {
				t.Errorf("%q is answered with %q, want %q", request, answer, want)
			}
		}
		u.ok("exec", "lab/a", "--", "true")
		u.ok("down", "lab")
	})
}

// TestLabFiles: files that nobody asked for are closed.
func TestLabFiles(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		u.ok("exec", "lab/a", "--", "true")
		serving := u.list()[0].Pid
		before := countFiles(t, serving)
		null, err := os.Open(os.DevNull)
		must(t, err)
		defer null.Close()
		for i := range 200 {
			files := slices.Repeat([]*os.File{null}, 1+i%5)
			request := []string{`{"op": "about"}`, `{"op": "exec", "exec": {"host": "none", "command": ["true"]}}`,
				`{"op": "capture", "capture": ["none"]}`, `garbage`}[i%4]
			u.ask("lab", "\n"+request, files...)
		}
		eventually(t, "as many open files as before", func() bool { return countFiles(t, serving) <= before })
		u.ok("down", "lab")
	})
}

func countFiles(t *testing.T, pid int) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	must(t, err)
	return len(files)
}

// TestLabSilence: clients that say nothing, or half of it, or never read, keep
// nobody else waiting.
func TestLabSilence(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		for i := range 1000 {
			c := u.dial("lab")
			_, err := c.Write([]byte("\n{\"op\":")[:i%8])
			must(t, err)
		}
		deaf := u.dial("lab")
		_, err := deaf.Write([]byte("\n{\"op\": \"state\"}"))
		must(t, err)
		if labs := u.list(); len(labs) != 1 {
			t.Errorf("labs %+v", labs)
		}
		u.ok("exec", "lab/a", "--", "true")
		u.ok("down", "lab")
		u.expectNothing()
	})
}

// TestLabManyFiles has more clients than the lab may have files.
func TestLabManyFiles(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		up := u.command("up", u.pair("lab"))
		up.Path, up.Args = "/bin/sh", append([]string{"sh", "-c", `ulimit -n 60; exec "$0" "$@"`}, up.Args...)
		if out, said, code := u.finish(up); code != 0 {
			t.Fatalf("exit code %d: %s%s", code, out, said)
		}
		for range 80 {
			u.dial("lab")
		}
		eventually(t, "a command", func() bool { // when others have been silent for too long
			_, _, code := u.run("exec", "lab/a", "--", "true")
			return code == 0
		})
		u.ok("down", "lab")
		u.expectNothing()
	})
}

// TestLabStopped: a lab that is stopped does not hide the others.
func TestLabStopped(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("good"))
		u.up(u.pair("stopped"))
		stopped := u.list()[1].Pid
		must(t, syscall.Kill(stopped, syscall.SIGSTOP))
		out, said, code := u.run("ls")
		if !strings.Contains(out, "good") || said != "allroads: lab stopped: it does not answer\n" || code != 3 {
			t.Errorf("exit code %d, %q and %q", code, out, said)
		}
		cmd := u.command("exec", "stopped/a", "--", "sleep", "1000")
		var waits bytes.Buffer
		cmd.Stderr = &waits
		must(t, cmd.Start())
		time.Sleep(100 * time.Millisecond) // It waits, or it is interrupted before.
		must(t, cmd.Process.Signal(syscall.SIGINT))
		_ = cmd.Wait()
		if code := exitCodeOf(cmd); code != 3 && code != 130 || !strings.Contains(waits.String(), "interrupted") {
			t.Errorf("a lab that does not answer: exit code %d and %q", code, &waits)
		}
		must(t, syscall.Kill(stopped, syscall.SIGCONT))
		u.ok("down", "--all")
	})
}
