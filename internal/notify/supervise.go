package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"allroads/internal/seccomp"
	"allroads/internal/tally"
	"allroads/internal/watch"

	"golang.org/x/sys/unix"
)

// Reporter writes a report to a file, at the end and whenever it is asked for (SIGUSR1).
type Reporter func(path string, t *tally.Tally, w *watch.Watcher) error

// Supervise is what this program does when it has been started again in the background;
// words are those after Command. It is for nobody else to call.
func Supervise(words []string, report Reporter) error {
	if len(words) == 0 {
		return fmt.Errorf("%s is how allroads starts itself, for allroads run", Command)
	}
	o, err := parse(words[1:])
	if err != nil {
		return err
	}
	// Lists of processes have the name of the file that was executed: /proc/self/exe.
	_ = os.WriteFile("/proc/self/comm", []byte("allroads"), 0)
	signal.Ignore(unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGPIPE, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	switch words[0] {
	case "standby":
		return standBy(o)
	case "detach":
		return detach(words[1:])
	case "program":
		return supervise(o, report)
	}
	return fmt.Errorf("%s: unknown role %q", Command, words[0])
}

// inherit takes over the n files of again, of which the first is the listener, and closes
// all else that whoever started us has left open: what this program has opened itself is
// closed on exec.
func inherit(n int) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("list own descriptors: %w", err)
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd < firstFile {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		switch {
		case err != nil || flags&unix.FD_CLOEXEC != 0:
		case fd < firstFile+n:
			unix.CloseOnExec(fd)
		default:
			unix.Close(fd)
		}
	}
	if _, err := unix.FcntlInt(firstFile, unix.F_GETFD, 0); err != nil {
		return errors.New(Command + ": there is no listener")
	}
	return nil
}

func (o orders) listener() *seccomp.Listener { return seccomp.NewListener(firstFile, o.killable) }

// background: names were looked up before, by who gave us the rules.
func background() context.Context { return context.Background() }
