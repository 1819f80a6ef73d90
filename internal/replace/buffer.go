package replace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Flags of SO_BUF_LOCK (linux/socket.h): who has set a buffer's size does not want the
// kernel to tune it.
const (
	lockSend    = 1
	lockReceive = 2
)

// withBuffers adds the sizes that were set, though they may be what the kernel would
// have chosen.
func withBuffers(old int, settings []setting) []setting {
	lock := uint32(0)
	for _, s := range settings {
		if s.is(unix.SOL_SOCKET, unix.SO_BUF_LOCK) {
			lock = binary.NativeEndian.Uint32(s.bytes[:])
		}
	}
	for _, buffer := range []struct {
		flag uint32
		option
	}{
		{lockSend, option{unix.SOL_SOCKET, unix.SO_SNDBUF, "SO_SNDBUF", true}},
		{lockReceive, option{unix.SOL_SOCKET, unix.SO_RCVBUF, "SO_RCVBUF", true}},
	} {
		if lock&buffer.flag != 0 {
			s := setting{option: buffer.option}
			s.read(old, &s.value)
			settings = append(settings, s)
		}
	}
	return settings
}

// setBuffer sets the size that getsockopt gives, which is twice what setsockopt takes.
// Beyond net.core.rmem_max and wmem_max it takes CAP_NET_ADMIN, as it took then.
func (s setting) setBuffer(fd int) error {
	force := unix.SO_SNDBUFFORCE
	if s.number == unix.SO_RCVBUF {
		force = unix.SO_RCVBUFFORCE
	}
	half := s.value
	binary.NativeEndian.PutUint32(half.bytes[:], binary.NativeEndian.Uint32(s.bytes[:])/2)
	if err := s.write(fd, &half); err != nil {
		return &OptionError{s.name, err}
	}
	var now value
	if s.read(fd, &now); now == s.value {
		return nil
	}
	if err := (option{level: s.level, number: force}).write(fd, &half); err != nil {
		return &OptionError{s.name, err}
	}
	return nil
}
