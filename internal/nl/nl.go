// Package nl is the one seam over netlink: it opens sockets in a network
// namespace and turns the kernel's answers, extended-ack text included, into
// errors.
package nl

import (
	"errors"
	"fmt"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Config returns the settings for a socket in the network namespace netns
// refers to by file descriptor; 0 is the caller's own.
func Config(netns int) *netlink.Config {
	// Strict: the kernel checks dump requests and explains what it refuses.
	return &netlink.Config{NetNS: netns, Strict: true}
}

// genericMessage is more than a datagram of generic netlink holds: the kernel
// fills dumps up to 8 KiB, or as much as the reader has room for.
const genericMessage = 16 << 10

// DialGeneric opens a generic netlink socket in a network namespace, given as
// for Config.
func DialGeneric(netns int) (*genetlink.Conn, error) {
	config := Config(netns)
	config.MessageBufferSize = genericMessage // Otherwise each message is looked at twice.
	conn, err := genetlink.Dial(config)
	if err != nil {
		return nil, fmt.Errorf("open generic netlink socket: %w", Kernel(err))
	}
	return conn, nil
}

// Error is the kernel's refusal of a netlink request.
type Error struct {
	Errno   unix.Errno // what errors.Is compares with
	Message string     // the extended-ack text, "" when the kernel gave none
}

// Error gives the kernel's own words, its explanation before its error number.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Errno.Error()
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Errno.Error())
}

func (e *Error) Unwrap() error { return e.Errno }

// Kernel reduces an error of the netlink library to what the kernel said, as an
// *Error. Anything else is returned as it is.
func Kernel(err error) error {
	var op *netlink.OpError
	if !errors.As(err, &op) {
		return err
	}
	var errno unix.Errno
	if !errors.As(op.Err, &errno) {
		return err
	}
	return &Error{Errno: errno, Message: op.Message}
}
