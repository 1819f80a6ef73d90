package pathmanager

import (
	"errors"
	"strings"
	"syscall"

	"allroads/internal/nl"
)

// What errors.Is tells apart. The kernel has no numbers of its own for most of
// them: it answers EINVAL and a text.
var (
	// ErrExists: the address or the id is taken by another endpoint.
	ErrExists = errors.New("it exists already")
	// ErrNotFound: no endpoint, subflow or connection is the one that was named.
	ErrNotFound = errors.New("there is no such thing")
	// ErrTooMany: the table of endpoints is full, or a limit is above the maximum.
	ErrTooMany = errors.New("more than the kernel allows")
	// ErrPermission: the caller lacks CAP_NET_ADMIN in the user namespace that
	// owns the network namespace. Such an error is os.ErrPermission, too.
	ErrPermission = errors.New("it needs CAP_NET_ADMIN, which root of the network namespace's user namespace has")
	// ErrNotSupported: the kernel has no MPTCP path manager, or not the command.
	ErrNotSupported = errors.New("this kernel does not support it")
	// ErrNotUserspace: the connection was not made under the userspace path
	// manager. It is chosen by the sysctl net.mptcp.path_manager before a
	// connection is made, for good.
	ErrNotUserspace = errors.New("set net.mptcp.path_manager=userspace before the connection is made")
)

// Error is the kernel's refusal of a command.
type Error struct {
	Errno syscall.Errno // what errors.Is compares with, beside the above
	Text  string        // the kernel's own explanation (extended ack), "" when it gave none
}

// Error gives the kernel's words, and what to do where they do not say it.
func (e *Error) Error() string {
	words := e.kernel().Error()
	kind := e.meaning()
	if kind == ErrNotUserspace || e.Text == "" && (kind == ErrPermission || kind == ErrNotSupported) {
		words += ": " + kind.Error()
	}
	return words
}

// Unwrap makes errors.Is and errors.As find the number and its meaning.
func (e *Error) Unwrap() []error {
	if kind := e.meaning(); kind != nil {
		return []error{e.kernel(), kind}
	}
	return []error{e.kernel()}
}

func (e *Error) kernel() *nl.Error { return &nl.Error{Errno: e.Errno, Message: e.Text} }

// refusal turns an error of the netlink library into an *Error, if it is the
// kernel's answer.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	err = nl.Kernel(err)
	if kernel, ok := err.(*nl.Error); ok {
		return &Error{Errno: kernel.Errno, Text: kernel.Message}
	}
	return err
}

// meanings are told by the kernel's words where the number is EINVAL for all
// (net/mptcp/pm_kernel.c and pm_userspace.c).
var meanings = []struct {
	words string
	kind  error
}{
	{"not found", ErrNotFound},
	{"invalid token", ErrNotFound},
	{"limit greater than maximum", ErrTooMany},
	{"userspace PM not selected", ErrNotUserspace},
}

func (e *Error) meaning() error {
	switch e.Errno {
	case syscall.EPERM, syscall.EACCES:
		return ErrPermission
	case syscall.EEXIST, syscall.EBUSY:
		return ErrExists
	case syscall.ERANGE:
		return ErrTooMany
	case syscall.ESRCH, syscall.ENOENT:
		return ErrNotFound
	case syscall.EOPNOTSUPP:
		return ErrNotSupported
	}
	for _, m := range meanings {
		if strings.Contains(e.Text, m.words) {
			return m.kind
		}
	}
	return nil
}
