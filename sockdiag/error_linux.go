package sockdiag

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// explainOpen names the kernel's option where there is no such socket.
func explainOpen(err error) error {
	if errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("%w: %w: it needs a kernel with CONFIG_INET_DIAG", err, ErrNotSupported)
	}
	return err
}

// explain says what a refused dump of a protocol means: the kernel, or the module
// that it would load, has no handler for it.
func explain(protocol uint32, err error) error {
	what, option := "tcp sockets", "CONFIG_INET_DIAG and CONFIG_INET_TCP_DIAG (modules inet_diag and tcp_diag)"
	if protocol == protocolMPTCP {
		what, option = "mptcp sockets", "CONFIG_INET_MPTCP_DIAG (module mptcp_diag), of Linux 5.9 or newer"
	}
	if errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("list %s: %w: %w: it needs a kernel with %s", what, err, ErrNotSupported, option)
	}
	return fmt.Errorf("list %s: %w", what, err)
}
