package nl

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Attributes and commands of the family that knows the others (linux/genetlink.h).
const (
	controlFamily     = unix.GENL_ID_CTRL
	controlVersion    = 2
	controlGet        = unix.CTRL_CMD_GETFAMILY
	controlFamilyID   = unix.CTRL_ATTR_FAMILY_ID
	controlFamilyName = unix.CTRL_ATTR_FAMILY_NAME
)

// DialRequests makes requests to a family of generic netlink in the calling
// thread's network namespace, on a socket of their own, which Close closes. The
// error is ENOENT when the kernel has no such family.
//
// It takes the few system calls that it takes: what a program of a millisecond
// spends its time with is to the point.
func DialRequests(family string) (*Requests, error) {
	file, err := openGeneric()
	if err != nil {
		return nil, fmt.Errorf("open generic netlink socket: %w", err)
	}
	r := &Requests{file: file, family: controlFamily, in: make([]byte, genericMessage),
		kernel: unix.SockaddrNetlink{Family: unix.AF_NETLINK}}
	if r.raw, err = file.SyscallConn(); err == nil {
		err = r.find(family)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("find netlink family %s: %w", family, err)
	}
	return r, nil
}

// openGeneric opens a socket that the poller does not know, since the kernel
// answers while it is asked.
func openGeneric() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, &Error{Errno: err.(unix.Errno)}
	}
	for _, option := range []int{unix.NETLINK_EXT_ACK, unix.NETLINK_GET_STRICT_CHK} {
		_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, option, 1) // An older kernel says less.
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}

// find has requests go to a family from now on.
func (r *Requests) find(name string) error {
	native := binary.NativeEndian
	attribute := native.AppendUint16(nil, uint16(4+len(name)+1))
	attribute = append(native.AppendUint16(attribute, controlFamilyName), name+"\x00"...)
	attribute = append(attribute, bytes.Repeat([]byte{0}, -len(attribute)&3)...)
	id := uint16(0)
	err := r.Do(controlGet, controlVersion, 0, attribute, func(reply []byte) error {
		if number := Attributes(reply).Find(controlFamilyID); len(number) >= 2 {
			id = native.Uint16(number)
		}
		return nil
	})
	if err == nil && id == 0 {
		err = fmt.Errorf("the kernel's answer holds no number")
	}
	r.family = id
	return err
}

// Close closes the socket that DialRequests has made.
func (r *Requests) Close() error { return r.file.Close() }
