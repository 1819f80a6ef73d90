package ipmptcp

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// devices tells the names and numbers of the network interfaces of a namespace,
// through a socket in it.
type devices struct{ socket int }

// openDevices makes a socket in the calling thread's namespace.
func openDevices() (*devices, error) {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open socket for interface names: %w", err)
	}
	return &devices{socket}, nil
}

func (d *devices) close() { unix.Close(d.socket) }

// deviceNames tells the name of an interface by its number.
type deviceNames func(index int) string

// deviceName is that of the command's namespace.
func (s *session) deviceName(index int) string {
	devices, err := s.interfaces()
	if err != nil {
		return nameless(index)
	}
	return devices.name(index)
}

// interfaces opens the devices of the command's namespace.
func (s *session) interfaces() (*devices, error) {
	if s.devices != nil {
		return s.devices, nil
	}
	err := s.inside(func() (err error) {
		s.devices, err = openDevices()
		return err
	})
	return s.devices, err
}

// deviceIndex finds the interface that a word names. As in iproute2, ifN is
// number N where nothing is called so.
func (s *session) deviceIndex(name string) (int, error) {
	if !isDeviceName(name) {
		return 0, wrong(name, "invalid interface name\n")
	}
	devices, err := s.interfaces()
	if err != nil {
		return 0, err
	}
	if index, ok := devices.index(name); ok {
		return index, nil
	}
	return 0, wrong(name, "device does not exist\n")
}

// isDeviceName is dev_valid_name of net/core/dev.c, but for the colon.
func isDeviceName(name string) bool {
	return name != "" && len(name) < unix.IFNAMSIZ && name != "." && name != ".." &&
		!strings.ContainsAny(name, "/ \t\n\v\f\r")
}

func (d *devices) index(name string) (int, bool) {
	request, err := unix.NewIfreq(name)
	if err == nil && unix.IoctlIfreq(d.socket, unix.SIOCGIFINDEX, request) == nil {
		return int(request.Uint32()), true
	}
	digits, isNumbered := strings.CutPrefix(name, "if")
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	index, err := strconv.ParseUint(digits, 10, 31)
	return int(index), isNumbered && err == nil && index > 0
}

// name gives an interface its name; one that is gone is called ifN.
func (d *devices) name(index int) string {
	request, err := unix.NewIfreq("")
	if err == nil {
		request.SetUint32(uint32(index))
		if err = unix.IoctlIfreq(d.socket, unix.SIOCGIFNAME, request); err == nil {
			return request.Name()
		}
	}
	return nameless(index)
}

func nameless(index int) string { return "if" + strconv.Itoa(index) }
