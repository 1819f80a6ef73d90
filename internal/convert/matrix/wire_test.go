package matrix

import (
	"errors"
	"io"
	"os"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// handshakes are how often a port was seen in a SYN or SYN/ACK.
type handshakes struct {
	capable, plain int // with MP_CAPABLE, and without any option of MPTCP
}

// seen is what was captured, by the port of whoever was connected to.
type seen struct {
	syn, synACK map[uint16]handshakes
}

// wire ends the capture and reads it.
func (s *scene) wire(t *testing.T) seen {
	t.Helper()
	if dropped, err := s.capture.Stop(); err != nil || dropped > 0 {
		t.Fatalf("capture: %d packets lost, %v", dropped, err)
	}
	path := file(t, "wire.pcapng")
	if err := os.WriteFile(path, s.file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	capture, err := trace.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Close()
	found := seen{map[uint16]handshakes{}, map[uint16]handshakes{}}
	for {
		var packet trace.Packet
		err := capture.Next(&packet)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		var segment trace.Segment
		if segment.Decode(&packet) == nil {
			found.add(&segment)
		}
	}
}

func (s seen) add(segment *trace.Segment) {
	switch segment.Flags & (trace.SYN | trace.ACK) {
	case trace.SYN:
		count(s.syn, segment.Dst.Port(), segment.Options)
	case trace.SYN | trace.ACK:
		count(s.synACK, segment.Src.Port(), segment.Options)
	}
}

func count(of map[uint16]handshakes, port uint16, options []byte) {
	h := of[port]
	for rest := options; ; {
		var option wire.Option
		var err error
		option, rest, err = wire.Next(rest)
		if err != nil || len(option) == 0 {
			h.plain++
			break
		}
		if option.Subtype() == wire.SubtypeMPCapable {
			h.capable++
			break
		}
	}
	of[port] = h
}
