package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
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
	disregard(syscall.SIGINT, syscall.SIGHUP)
	client, err := connOf(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: `allroads lab up` starts this", err)
	}
	defer runtime.KeepAlive(client) // Its other end sees the end when this process is gone, and with it all.
	served, err := startServing(name, client)
	if err != nil {
		return errors.Join(err, client.send(&reply{Error: err.Error()}))
	}
	forwardTermination(served)
	reapUntil(served.Pid)
	reapAll()
	f, err := ours()
	if err == nil {
		err = f.forget()
	}
	return errors.Join(err, lab.Clean())
}

func startServing(name string, client *conn) (*os.Process, error) {
	file, err := client.unix.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := this(ServeCommand, name, strconv.Itoa(os.Getpid()))
	cmd.Stdin = file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	privileged, err := netns.Privileged()
	switch {
	case err != nil:
		return nil, err
	case privileged:
		err = cmd.Start()
	default:
		err = netns.StartAsRoot(cmd)
	}
	return cmd.Process, err
}

func forwardTermination(served *os.Process) {
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	go func() {
		for range terminate {
			_ = served.Signal(syscall.SIGTERM)
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
		for _, pid := range processes() {
			if parentOf(pid) == os.Getpid() {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		// A process can have become a child since only if another one ended
		// that is waited for here.
		if _, err := unix.Wait4(-1, nil, 0, nil); errors.Is(err, unix.ECHILD) {
			return
		}
	}
}

// parentOf is 0 when the process has gone.
func parentOf(pid int) (parent int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// It is the second field behind the name, which is in brackets.
	_, _ = fmt.Sscanf(string(text[bytes.LastIndexByte(text, ')')+1:]), " %c %d", new(rune), &parent)
	return parent
}
