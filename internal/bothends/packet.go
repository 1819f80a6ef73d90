package bothends

import (
	"encoding/binary"

	"allroads/trace"
)

// packet is what is kept of a packet until the other capture's is found.
type packet struct {
	at     int64  // nanoseconds since 1970, by the clock of its capture
	number uint64 // in its capture, from 1
	index  int64  // among those of its direction in its capture
	header
	seq, ack     uint32
	value, echo  uint32 // timestamps (RFC 7323)
	length       int64  // bytes of payload
	left         int64  // of them, not found in the other capture
	hash         uint64 // of the payload, see payloadHash
	position     uint32 // that its first byte has there
	pairs        uint32 // packets of the other capture that it was matched with
	window       uint16
	flags        trace.TCPFlags
	timestamps   bool // there are some
	hashed       bool // all of the payload was captured
	fresh        bool // it brings what its direction had not brought before
	cut          bool // of the options, or the payload's length, not all is known
	optionLength uint8
	option       [40]byte
}

// header is what is of interest in an IP header.
type header struct {
	id    uint16 // IPv4's identification; 0: unknown, or none
	ttl   uint8  // 0: unknown
	class uint8  // DSCP and ECN
}

// take keeps what is needed of a segment, whose sequence numbers are known to be
// shift above those of the other capture.
func (p *packet) take(s *trace.Segment, data []byte, number uint64, shift uint32) {
	p.at, p.number, p.header = s.Time, number, header{}
	p.seq, p.ack, p.window, p.flags = s.Seq, s.Ack, s.Window, s.Flags
	p.length, p.left, p.pairs = int64(s.PayloadLen), int64(s.PayloadLen), 0
	p.cut = s.OptionsCut || s.Fragment
	p.optionLength = uint8(copy(p.option[:], s.Options))
	p.value, p.echo, p.timestamps = timestamps(s.Options)
	p.position = p.first() - shift
	p.hashed = s.PayloadLen > 0 && len(s.Payload) == s.PayloadLen && !s.Fragment
	if p.hashed {
		p.hash = payloadHash(p.position, s.Payload)
	}
	if s.Tunnel == 0 {
		p.read(s, data)
	}
}

func (p *packet) options() []byte { return p.option[:p.optionLength] }

// first is the sequence number of the first byte of payload.
func (p *packet) first() uint32 {
	if p.flags&trace.SYN != 0 {
		return p.seq + 1
	}
	return p.seq
}

// read finds the IP header in front of the TCP header. What has extension
// headers of IPv6 in between is left unknown.
func (p *packet) read(s *trace.Segment, data []byte) {
	tcp := cap(data) - cap(s.Options) - 20
	if tcp > len(data) {
		return
	}
	if at := tcp - 40; s.Src.Addr().Is6() && at >= 0 && data[at]>>4 == 6 {
		if src := s.Src.Addr().As16(); [16]byte(data[at+8:]) == src {
			p.ttl, p.class = data[at+7], byte(binary.BigEndian.Uint16(data[at:])>>4)
		}
		return
	}
	for words := 5; words <= 15 && s.Src.Addr().Is4(); words++ {
		at := tcp - 4*words
		if at < 0 {
			return
		}
		if src := s.Src.Addr().As4(); data[at] == 0x40|byte(words) && [4]byte(data[at+12:]) == src {
			p.ttl, p.class, p.id = data[at+8], data[at+1], binary.BigEndian.Uint16(data[at+4:])
			return
		}
	}
}

// timestamps finds the option of RFC 7323, section 3.
func timestamps(options []byte) (value, echo uint32, found bool) {
	if len(options) >= 12 && binary.BigEndian.Uint32(options) == 0x0101080a {
		return binary.BigEndian.Uint32(options[4:]), binary.BigEndian.Uint32(options[8:]), true
	}
	for kind, body := range each(options) {
		if kind == kindTimestamps && len(body) == 8 {
			return binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:]), true
		}
	}
	return 0, 0, false
}

// TCP option kinds (IANA).
const (
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
)

// each walks over TCP options, without padding, until the end or to where they
// make no sense.
func each(options []byte) func(yield func(kind uint8, body []byte) bool) {
	return func(yield func(uint8, []byte) bool) {
		for len(options) > 0 && options[0] != 0 {
			if options[0] == 1 {
				options = options[1:]
				continue
			}
			if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
				return
			}
			length := options[1]
			if !yield(options[0], options[2:length]) {
				return
			}
			options = options[length:]
		}
	}
}
