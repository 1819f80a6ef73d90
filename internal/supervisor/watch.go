package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"allroads/internal/netns"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// Watch is the program that watches over a lab. It starts the one that is the
// lab, whose processes become its own children when their parents end, so that it
// can end what is left of them, wherever it hides. When Watch is killed, the lab
// ends itself.
func Watch(name string) error {
	runtime.LockOSThread() // The lab's death signal comes when this thread ends.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	client, err := connOf(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: `allroads lab up` starts this", err)
	}
	served, err := startServing(name, client)
	if err != nil {
		err = errors.Join(err, client.send(&reply{Error: err.Error()}))
		client.close()
		return err
	}
	client.close() // Only the lab has it now, and notices when the other end closes.
	forwardTermination(served)
	reapUntil(served)
	reapAll()
	f, err := ours()
	if err == nil {
		err = f.forget()
	}
	return errors.Join(err, lab.Clean())
}

func startServing(name string, client *conn) (pid int, err error) {
	file, err := client.unix.File()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	cmd := this(ServeCommand, name)
	cmd.Stdin = file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	privileged, err := netns.Privileged()
	switch {
	case err != nil:
		return 0, err
	case privileged:
		err = cmd.Start()
	default:
		err = netns.StartAsRoot(cmd)
	}
	return pidOf(cmd), err
}

func pidOf(cmd *exec.Cmd) int {
	if cmd.Process == nil {
		return 0
	}
	return cmd.Process.Pid
}

func forwardTermination(pid int) {
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	go func() {
		for range terminate {
			_ = unix.Kill(pid, unix.SIGTERM)
		}
	}()
}

// reapUntil takes note of children that end until a certain one has.
func reapUntil(pid int) {
	for {
		ended, err := unix.Wait4(-1, nil, 0, nil)
		if ended == pid || errors.Is(err, unix.ECHILD) {
			return
		}
	}
}

// reapAll kills all children, and theirs, which become children then.
func reapAll() {
	for {
		for _, pid := range children() {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		if _, err := unix.Wait4(-1, nil, 0, nil); errors.Is(err, unix.ECHILD) {
			return
		}
	}
}

// children lists this process's children.
func children() (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // It has ended.
		}
		// The parent is the second field behind the name, which is in brackets.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}
