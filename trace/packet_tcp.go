package trace

import "encoding/binary"

const tcpHeader = 20 // bytes without options

// decodeTCP reads a TCP header; length is what the IP header says that header
// and payload have together. Of the ports it fills in the tuple only.
func (s *Segment) decodeTCP(b []byte, length int) error {
	if len(b) < tcpHeader {
		return s.noTCPHeader(length)
	}
	header := int(b[12]>>4) * 4
	if header < tcpHeader || header > length && !s.Fragment {
		return ErrNotTCP
	}
	s.tuple.ports |= uint64(binary.BigEndian.Uint32(b))
	s.Seq, s.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.Flags, s.Window = TCPFlags(b[13]), binary.BigEndian.Uint16(b[14:])
	s.PayloadLen = max(length-header, 0)
	if len(b) < header {
		s.Options, s.OptionsCut = b[tcpHeader:], true
		return nil
	}
	s.Options, s.Payload = b[tcpHeader:header], b[header:]
	return nil
}

// noTCPHeader says why there are not the bytes of a TCP header.
func (s *Segment) noTCPHeader(length int) error {
	switch {
	case length >= tcpHeader:
		return ErrCut
	case s.Fragment: // The header goes on in the next one.
		return ErrFragment
	}
	return ErrNotTCP
}
