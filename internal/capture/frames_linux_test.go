package capture

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
)

// inject sends frames as they are out of an interface.
func inject(t testing.TB, ns *netns.NS, name string, frames ...[]byte) {
	t.Helper()
	err := ns.Do(func() error {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		links, err := findLinks(fd, []string{name})
		if err != nil {
			return err
		}
		for _, frame := range frames {
			if err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: links[0].index}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// injector is where injected frames come from.
var injector = []byte{2, 0, 0, 0, 0, 1}

// ethernet puts a broadcast frame together from an EtherType, with tags in front
// of it if wanted, and contents.
func ethernet(etherType uint16, parts ...[]byte) []byte {
	frame := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, injector...)
	frame = binary.BigEndian.AppendUint16(frame, etherType)
	for _, part := range parts {
		frame = append(frame, part...)
	}
	return frame
}

// ipv4 is a header with a number of 4-byte words of options.
func ipv4(protocol byte, fragment uint16, options int) []byte {
	header := make([]byte, 20+4*options)
	header[0] = 0x45 + byte(options)
	header[3] = byte(len(header)) + 20
	binary.BigEndian.PutUint16(header[6:], fragment)
	header[8], header[9] = 64, protocol
	copy(header[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	for i := 20; i < len(header); i++ {
		header[i] = 1 // no operation
	}
	return header
}

// ipv6 is a header and what follows it.
func ipv6(next byte, parts ...[]byte) []byte {
	header := make([]byte, 40)
	header[0], header[6], header[7], header[8], header[24] = 0x60, next, 64, 0xfd, 0xfd
	header[23], header[39] = 1, 2
	for _, part := range parts {
		header = append(header, part...)
	}
	binary.BigEndian.PutUint16(header[4:], uint16(len(header)-40))
	return header
}

// extension is a hop-by-hop, routing or destination options header of 8+8*more
// bytes, full of PadN (RFC 8200, section 4.2) so that it makes sense as options.
func extension(next, more byte) []byte {
	header := make([]byte, 8+8*int(more))
	header[0], header[1], header[2], header[3] = next, more, 1, byte(len(header)-4)
	return header
}

// fragment is an IPv6 fragment header; offset is in bytes.
func fragment(next byte, offset uint16) []byte {
	header := []byte{next, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(header[2:], offset|1)
	return header
}

// tcp is a bare segment.
func tcp() []byte {
	header := make([]byte, 20)
	header[1], header[3], header[12], header[13] = 80, 81, 0x50, 0x02
	return header
}

// tag is what follows the EtherType of a tagged frame.
func tag(id, etherType uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, id), etherType)
}
