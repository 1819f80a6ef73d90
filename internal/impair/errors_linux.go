package impair

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var (
	// ErrClosed is what Set returns after Close.
	ErrClosed = errors.New("link closed")

	// ErrInterfaceGone ends a Link: one of its interfaces was removed, or moved
	// to another namespace.
	ErrInterfaceGone = errors.New("interface gone")
)

func explainOpen(err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("open packet socket: %w (it takes CAP_NET_RAW)", err)
	case errors.Is(err, unix.EAFNOSUPPORT):
		return fmt.Errorf("open packet socket: %w (a kernel without CONFIG_PACKET)", err)
	}
	return fmt.Errorf("open packet socket: %w", err)
}
