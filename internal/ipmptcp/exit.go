package ipmptcp

import (
	"errors"
	"strings"
	"syscall"

	"allroads/pathmanager"
)

// Exit codes of iproute2.
const (
	codeAddress = 1   // an address that cannot be read, and what has no code of its own
	codeKernel  = 2   // the kernel has refused it
	codeListen  = 254 // events cannot be read any more
	codeUsage   = 255 // a command line that cannot be understood, a namespace that cannot be entered
)

// exit ends a command: words for standard error, and a code.
type exit struct {
	text string
	code int
}

func (e *exit) Error() string { return strings.TrimSpace(e.text) }

// wrong is a word that cannot be meant. Some reasons of iproute2 end with a new
// line of their own, so that an empty line follows.
func wrong(word, reason string) error {
	return &exit{`Error: argument "` + word + `" is wrong: ` + reason + "\n", codeUsage}
}

func required(what string) error {
	return &exit{`Error: argument "` + what + `" is required` + "\n", codeUsage}
}

func incomplete() error {
	return &exit{`Command line is not complete. Try option "help"` + "\n", codeUsage}
}

func unknownCommand(word string) error {
	return &exit{`Command "` + word + `" is unknown, try "ip mptcp help".` + "\n", codeUsage}
}

func noAddress(word string) error {
	return &exit{`Error: any valid address is expected rather than "` + word + `".` + "\n", codeAddress}
}

// refused turns what a package says into the words of iproute2.
func (s *session) refused(err error) *exit {
	end := &exit{"Error: " + err.Error() + "\n", codeAddress}
	var kernel *pathmanager.Error
	switch {
	case errors.As(err, &kernel) && kernel.Text != "":
		end = &exit{"Error: " + kernel.Text + ".\n", codeKernel}
	case errors.As(err, &kernel):
		end = &exit{"RTNETLINK answers: " + strerror(kernel.Errno) + "\n", codeKernel}
	case errors.Is(err, pathmanager.ErrNotSupported):
		end = &exit{"RTNETLINK answers: " + strerror(syscall.ENOENT) + "\nError talking to the kernel\n", codeAddress}
	}
	end.text += s.hint(err)
	return end
}

// hint says what to do about a refusal whose words do not. Whoever calls ip
// expects its words alone.
func (s *session) hint(err error) string {
	if !s.native {
		return ""
	}
	for _, known := range []error{pathmanager.ErrPermission, pathmanager.ErrNotUserspace} {
		if errors.Is(err, known) {
			return "allroads: " + known.Error() + "\n"
		}
	}
	if errors.Is(err, pathmanager.ErrNotSupported) {
		return "allroads: " + err.Error() + "\n"
	}
	return ""
}

// strerror is the C library's text of an error number, from which Go's differs
// in its first letter.
func strerror(errno syscall.Errno) string {
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
