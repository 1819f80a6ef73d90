package mptcp

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// inNamespaceOf calls fn with a sock_diag socket on a thread that is in the network
// namespace of a socket: the calling one if it is, else one of its own, which takes
// CAP_NET_ADMIN over that namespace and CAP_SYS_ADMIN over the caller's user
// namespace.
func inNamespaceOf(fd int, fn func(*diagSocket)) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := tryHere(fd, fn)
	if here || err != nil {
		return err
	}
	space, err := unix.IoctlRetInt(fd, unix.SIOCGSKNS)
	if err != nil {
		return os.NewSyscallError("ioctl SIOCGSKNS", err)
	}
	defer unix.Close(space)
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Never unlocked, so that the thread ends with the goroutine.
		if err := unix.Setns(space, unix.CLONE_NEWNET); err != nil {
			done <- os.NewSyscallError("setns", err)
			return
		}
		_, err := tryHere(fd, fn)
		done <- err
	}()
	return <-done
}

// tryHere calls fn if the calling thread is in the socket's network namespace.
func tryHere(fd int, fn func(*diagSocket)) (here bool, err error) {
	diag, err := openDiag()
	if err != nil {
		return false, err
	}
	defer diag.close()
	ours, err := netnsCookie(diag.fd)
	if err != nil {
		return false, os.NewSyscallError("getsockopt SO_NETNS_COOKIE", err)
	}
	theirs, err := netnsCookie(fd)
	if err != nil {
		return false, os.NewSyscallError("getsockopt SO_NETNS_COOKIE", err)
	}
	if ours != theirs {
		return false, nil
	}
	fn(diag)
	return true, nil
}
