package bench

import (
	"fmt"
	"io"
	"net"
)

// Version is that of the protocol. Both ends must have the same.
const Version = 1

// magic is what both ends of every connection begin with, whatever their
// version, which is the byte that follows.
const magic = "arbench"

const preambleSize = len(magic) + 1

func preamble() []byte { return append([]byte(magic), Version) }

// VersionError is that the other end is of another version.
type VersionError struct{ Theirs uint8 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the other end speaks version %d of the protocol, this one version %d: use the same allroads at both",
		e.Theirs, Version)
}

// StrangerError is that the other end does not speak the protocol at all.
type StrangerError struct{ Began []byte } // what it said first

func (e *StrangerError) Error() string {
	return fmt.Sprintf("the other end is no allroads bench: %s", speaks(e.Began))
}

// readPreamble reads what the other end begins with. It gives up at the first
// byte that is wrong, since there may be none after that.
func readPreamble(conn net.Conn) error {
	began := make([]byte, 0, preambleSize)
	for len(began) < preambleSize {
		n, err := conn.Read(began[len(began):preambleSize])
		began = began[:len(began)+n]
		known := min(len(began), len(magic))
		if string(began[:known]) != magic[:known] {
			return stranger(conn, began)
		}
		if err == io.EOF && len(began) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && len(began) < preambleSize {
			return err
		}
	}
	if theirs := began[len(magic)]; theirs != Version {
		return &VersionError{theirs}
	}
	return nil
}
