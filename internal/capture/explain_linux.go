package capture

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// explainSocket says what to do when the kernel gives out no packet socket.
func explainSocket(err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("open packet socket: %w: it takes CAP_NET_RAW: run as root, with sudo, or after setcap cap_net_raw+ep", err)
	case errors.Is(err, unix.EAFNOSUPPORT):
		return fmt.Errorf("open packet socket: %w: this kernel has none (CONFIG_PACKET): %w", ErrNotSupported, err)
	}
	return fmt.Errorf("open packet socket: %w", err)
}

// explainRing says what to do when the kernel refuses a ring of o.RingBytes.
func explainRing(err error, o Options) error {
	if errors.Is(err, unix.ENOMEM) {
		return fmt.Errorf("allocate ring of %d KiB: %w: ask for a smaller one", o.RingBytes>>10, err)
	}
	return fmt.Errorf("make ring of %d KiB: %w", o.RingBytes>>10, err)
}
