package replace

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// copyOf returns a descriptor of our own for the file that another process has as fd.
// Needs Linux 5.6, and the right to trace that process.
func copyOf(pid, fd int) (int, error) {
	process, err := open(pid)
	if err != nil {
		return -1, err
	}
	defer unix.Close(process)
	copied, err := unix.PidfdGetfd(process, fd, 0)
	switch err {
	case nil:
		return copied, nil
	case unix.EBADF:
		return -1, ErrNotTCP
	case unix.EPERM:
		return -1, fmt.Errorf("copy its descriptor: %w: not allowed to trace the program (ptrace(2), Yama)", err)
	}
	return -1, os.NewSyscallError("pidfd_getfd", err)
}

// pidfdThread is PIDFD_THREAD, Linux 6.9 (linux/pidfd.h).
const pidfdThread = unix.O_EXCL

// open opens a thread, since it may have a table of descriptors of its own; before
// Linux 6.9 its process.
func open(tid int) (int, error) {
	fd, err := unix.PidfdOpen(tid, pidfdThread)
	if err == unix.EINVAL {
		pid, readErr := leader(tid)
		if readErr != nil {
			return -1, readErr
		}
		fd, err = unix.PidfdOpen(pid, 0)
	}
	return fd, os.NewSyscallError("pidfd_open", err)
}

// leader returns the process of a thread.
func leader(tid int) (int, error) { return field(procPath(tid, "status"), "Tgid:", 10) }

// closesOnExec reports whether execve() closes a descriptor of a thread.
func closesOnExec(tid, fd int) (bool, error) {
	flags, err := field(procPath(tid, "fdinfo", strconv.Itoa(fd)), "flags:", 8)
	return flags&unix.O_CLOEXEC != 0, err
}

// field reads a number from a file of /proc with a line for each.
func field(path, name string, base int) (int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(content) {
		if value, ok := bytes.CutPrefix(line, []byte(name)); ok {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), base, 64)
			return int(n), err
		}
	}
	return 0, fmt.Errorf("read %s: there is no line %q", path, name)
}

func procPath(tid int, names ...string) string {
	path := "/proc/" + strconv.Itoa(tid)
	for _, name := range names {
		path += "/" + name
	}
	return path
}
