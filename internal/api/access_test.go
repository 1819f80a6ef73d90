package api

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"allroads/internal/control"

	"golang.org/x/sys/unix"
)

// identity is whose rights a thread has.
type identity struct {
	uid, gid uint32
	groups   []uint32
}

// do runs something on a thread with other rights, which is thrown away afterwards.
func (i identity) do(t *testing.T, what func() error) error {
	t.Helper()
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		groups := append([]uint32{i.gid}, i.groups...)
		_, _, a := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(&groups[0])), 0)
		_, _, b := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(i.gid), uintptr(i.gid), uintptr(i.gid))
		_, _, c := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(i.uid), uintptr(i.uid), uintptr(i.uid))
		if a|b|c != 0 {
			result <- errors.Join(a, b, c)
			return
		}
		result <- what()
	}()
	return <-result
}

func code(err error) control.Code {
	if failed, ok := errors.AsType[*control.Failed](err); ok {
		return failed.Code
	}
	return ""
}

// TestAccess: who may ask what, by the kernel's word on who asks; also where the mode of
// the socket would let everybody in.
func TestAccess(t *testing.T) {
	if os.Geteuid() != 0 || runtime.GOARCH == "386" {
		t.Skip("other users' rights are taken by root")
	}
	s := serve(t, "daemon", Options{})
	gid := uint32(s.gid)
	many := make([]uint32, 300)
	for i := range many {
		many[i] = 70_000 + uint32(i)
	}
	for name, c := range map[string]struct {
		identity
		read, write bool
	}{
		"root":                             {identity{0, 0, nil}, true, true},
		"stranger":                         {identity{65534, 65534, nil}, false, false},
		"stranger in many groups":          {identity{65534, 65534, many}, false, false},
		"member by first group":            {identity{65534, gid, nil}, true, false},
		"member by another group":          {identity{65534, 65534, []uint32{7, gid}}, true, false},
		"member by the last of 301 groups": {identity{65534, 65534, append(many[:300:300], gid)}, true, false},
		"group of root, but not that user": {identity{65534, 0, nil}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			read := func() error { _, err := s.client.Status(t.Context()); return err }
			write := func() error { _, err := s.client.Reload(t.Context()); return err }
			must(t, os.Chmod(s.path, 0o660))
			if err := c.do(t, read); (err == nil) != c.read || !c.read && (!errors.Is(err, syscall.EACCES) || !strings.Contains(err.Error(), "not in group")) {
				t.Errorf("through the door: %v", err)
			}
			must(t, os.Chmod(s.path, 0o666))
			if err := c.do(t, read); (err == nil) != c.read || !c.read && code(err) != control.CodeForbidden {
				t.Errorf("read: %v", err)
			}
			if err := c.do(t, write); (err == nil) != c.write || !c.write && code(err) != control.CodeForbidden {
				t.Errorf("write: %v", err)
			}
		})
	}
}

// TestOwnUser: who runs allroadsd may all, root or not.
func TestOwnUser(t *testing.T) {
	s := serve(t, "", Options{})
	if _, err := s.client.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	may := access{self: 1000, gid: -1}
	if !may.write(&peer{uid: 1000}) || !may.write(&peer{}) || may.read(&peer{uid: 1001, gid: ^uint32(0)}) {
		t.Error("of user 1000's daemon: wrong")
	}
}

// TestTooMany: one user's clients take nobody else's places.
func TestTooMany(t *testing.T) {
	if os.Geteuid() != 0 || runtime.GOARCH == "386" {
		t.Skip("other users' rights are taken by root")
	}
	s := serve(t, "daemon", Options{Clients: 6, PerUser: 4})
	ask := func(uid uint32) error {
		return identity{uid, uint32(s.gid), nil}.do(t, func() error { _, err := s.client.Status(t.Context()); return err })
	}
	var held []int
	hold := func(uid uint32) {
		must(t, identity{uid, uint32(s.gid), nil}.do(t, func() error {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return err
			}
			held = append(held, fd)
			return unix.Connect(fd, &unix.SockaddrUnix{Name: s.path})
		}))
	}
	defer func() {
		for _, fd := range held {
			unix.Close(fd)
		}
	}()
	for range 4 {
		hold(1001)
	}
	if err := ask(1001); code(err) != control.CodeUnavailable || !strings.Contains(err.Error(), "4 clients of user 1001") {
		t.Errorf("the fifth of a user: %v", err)
	}
	must(t, ask(1002))
	hold(1002)
	eventually(t, "all places are taken", func() bool {
		hold(1003)
		return code(ask(1004)) == control.CodeUnavailable
	})
	must(t, ask(0))
	for _, fd := range held {
		unix.Close(fd)
	}
	held = nil
	eventually(t, "there are places again", func() bool { return ask(1004) == nil })
}
