package netcat

import (
	"fmt"
	"io"
	"sync"
)

// Directions, as they stand in front of the lines in hexadecimal.
const (
	sending   = '>'
	receiving = '<'
)

// recording keeps what several connections and directions record apart.
var recording sync.Mutex

func (s *session) record(direction byte, b []byte) error {
	if s.Raw == nil && s.Hex == nil {
		return nil
	}
	recording.Lock()
	defer recording.Unlock()
	var err error
	if s.Raw != nil {
		_, err = s.Raw.Write(b)
	}
	if s.Hex != nil && err == nil {
		err = dump(s.Hex, direction, s.offset(direction), b)
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

// offset is where in the stream the bytes stand that are about to be recorded.
func (s *session) offset(direction byte) uint64 {
	if direction == sending {
		return s.sent.Load()
	}
	return s.received.Load() // record comes after they were counted
}

// dump writes lines of 16 bytes with their direction, place in the stream, and
// text.
func dump(w io.Writer, direction byte, offset uint64, b []byte) error {
	if direction == receiving {
		offset -= uint64(len(b))
	}
	var lines []byte
	for len(b) > 0 {
		row := b[:min(16, len(b))]
		lines = fmt.Appendf(lines, "%c %08x  %-47s  %s\n", direction, offset, fmt.Sprintf("% x", row), printable(row))
		offset += uint64(len(row))
		b = b[len(row):]
	}
	_, err := w.Write(lines)
	return err
}

func printable(b []byte) []byte {
	text := make([]byte, len(b))
	for i, c := range b {
		if text[i] = c; c < ' ' || c > '~' {
			text[i] = '.'
		}
	}
	return text
}
