package convert

import (
	"fmt"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"
)

// Ignore makes this process ignore signals, and so the program. For most signals that
// is lost on the way: the Go runtime replaces what it finds, but for SIGHUP and SIGINT.
func Ignore(names []string) error {
	for _, name := range names {
		number := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
		if number == 0 || number == unix.SIGKILL || number == unix.SIGSTOP {
			return fmt.Errorf("--ignore-signal %q: not a signal that can be ignored", name)
		}
		signal.Ignore(number)
	}
	return nil
}
