package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// marker tells a program that Rerun started it. It is taken out of the
// environment at once, so that nothing started later sees it.
const marker = "ALLROADS_IN_USERNS"

var inside = takeMarker()

func takeMarker() bool {
	_, set := os.LookupEnv(marker)
	os.Unsetenv(marker)
	if set {
		takeName()
	}
	return set
}

// takeName gives this process, which the kernel has named after /proc/self/exe,
// the name that its arguments have. (Initialisation is on the main thread.)
func takeName() {
	if len(os.Args) > 0 {
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(unsafe.StringData(filepath.Base(os.Args[0])+"\x00"))), 0, 0, 0)
	}
}

// Inside reports whether Rerun started this program.
func Inside() bool { return inside }

// Rerun starts this program again, with the same arguments, environment and
// standard files, as root of a new user namespace, in which it may make network
// namespaces although the caller is an ordinary user. (A running Go program
// cannot enter a user namespace itself: the kernel asks for a single thread.)
// Its own network namespace is new too, since a thread that has entered another
// could not come back to one that belongs to the system.
// Signals are passed on; if this process dies, so does the other. It returns
// the other's exit code, 128+N when signal N killed it.
//
// An error is a *ForbiddenError when the system does not let ordinary users
// have user namespaces.
func Rerun() (code int, err error) {
	// The death signal is sent when the thread that forked ends, so that
	// thread has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = os.Environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)
	if err := StartAsRoot(cmd); err != nil {
		return 0, err
	}
	done := make(chan struct{})
	go forward(signals, cmd.Process, done)
	defer close(done)
	return exitCode(cmd.Wait())
}

// StartAsRoot starts this program again, which cmd has to be, as root of a new user
// namespace, as Rerun does. Its network namespace is new too.
func StartAsRoot(cmd *exec.Cmd) error {
	cmd.Env = append(cmd.Env, marker+"=1")
	cmd.SysProcAttr.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET
	cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	if err := cmd.Start(); err != nil {
		return forbidden(err)
	}
	return nil
}

func forward(signals <-chan os.Signal, to *os.Process, done <-chan struct{}) {
	for {
		select {
		case s := <-signals:
			_ = to.Signal(s) // It may have ended: then there is no one to tell.
		case <-done:
			return
		}
	}
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return 0, err
	}
	status := exit.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// A ForbiddenError says that this system gives an ordinary user no user
// namespace, or one without rights, and which setting does it.
type ForbiddenError struct {
	Setting string // what forbids it
	Err     error  // what the kernel answered
}

func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("make user namespace: %v (%s forbids it): "+
		"run it as root, with sudo, or allow user namespaces", e.Err, e.Setting)
}

func (e *ForbiddenError) Unwrap() error { return e.Err }

// Rights checks that this process can do what Privileged describes, after
// Rerun if need be: some systems give out user namespaces without rights.
func Rights() error {
	ok, err := Privileged()
	if err != nil || ok {
		return err
	}
	return forbidden(unix.EPERM)
}

func forbidden(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if setting := blame(errno, readSetting, isBareRoot()); setting != "" {
			return &ForbiddenError{Setting: setting, Err: errno}
		}
	}
	return fmt.Errorf("make user namespace: %w", err)
}

func readSetting(path string) string {
	value, err := os.ReadFile("/proc/sys/" + path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(value))
}

// blame names the setting that forbids user namespaces, given the kernel's
// answer, a way to read /proc/sys, and whether this process is root without the
// capability to stay it; "" when the answer is about something else, such as
// memory.
func blame(errno syscall.Errno, read func(path string) string, bareRoot bool) string {
	switch {
	case read("user/max_user_namespaces") == "0":
		return "sysctl user.max_user_namespaces=0"
	case read("user/max_net_namespaces") == "0":
		return "sysctl user.max_net_namespaces=0"
	case read("kernel/unprivileged_userns_clone") == "0":
		return "sysctl kernel.unprivileged_userns_clone=0"
	case read("kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "AppArmor, by sysctl kernel.apparmor_restrict_unprivileged_userns=1,"
	case errno == unix.ENOSPC:
		return "the limit sysctl user.max_user_namespaces or user.max_net_namespaces"
	case errno == unix.EPERM && bareRoot:
		return "being root without its capabilities, as in a container,"
	case errno == unix.EPERM || errno == unix.EACCES:
		return "a seccomp filter or security module, as in a container,"
	case errno == unix.EINVAL:
		return "a kernel without CONFIG_USER_NS"
	}
	return ""
}
