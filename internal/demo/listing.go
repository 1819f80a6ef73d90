package demo

import (
	"net/netip"

	"allroads/trace"
	"allroads/wire"
)

// Packet is a line of the packet listing.
type Packet struct {
	Number  uint64         `json:"number"` // from 1
	Time    int64          `json:"time"`   // nanoseconds since the first packet
	Path    string         `json:"path"`
	Src     netip.AddrPort `json:"src"`
	Dst     netip.AddrPort `json:"dst"`
	Flags   string         `json:"flags"`   // S SYN, F FIN, R RST, P PSH, . ACK
	Length  int            `json:"length"`  // bytes of payload
	Options []Option       `json:"options"` // of MPTCP
}

// Option is an MPTCP option, decoded.
type Option struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Fields any    `json:"fields,omitempty"` // none when it is malformed
}

// listing keeps the first packets and the last ones. Those between count, but
// would only fill the screen.
type listing struct {
	total uint64
	start int64
	head  []entry
	tail  []entry // as a ring, once it is full
}

// entry is a packet whose options are decoded only if it is still there at the
// end.
type entry struct {
	packet  Packet
	options [40]byte // all that a TCP header has room for
	length  int
}

const (
	maxHead = 80
	maxTail = 16
)

func (l *listing) add(s *trace.Segment, path string) {
	if l.total == 0 {
		l.start = s.Time
	}
	l.total++
	e := entry{packet: Packet{
		Number: l.total, Time: s.Time - l.start, Path: path,
		Src: s.Src, Dst: s.Dst, Flags: s.Flags.String(), Length: s.PayloadLen,
	}}
	e.length = copy(e.options[:], s.Options)
	switch {
	case len(l.head) < maxHead:
		l.head = append(l.head, e)
	case len(l.tail) < maxTail:
		l.tail = append(l.tail, e)
	default:
		l.tail[(l.total-1-maxHead)%maxTail] = e
	}
}

// list returns what was kept, in order, and how many packets are missing
// between the first maxHead and the rest.
func (l *listing) list() (packets []Packet, hidden uint64) {
	oldest := 0
	if l.total > maxHead+maxTail {
		oldest = int((l.total - maxHead) % maxTail)
	}
	packets = []Packet{}
	for _, part := range [][]entry{l.head, l.tail[oldest:], l.tail[:oldest]} {
		for _, e := range part {
			e.packet.Options = decodeOptions(e.options[:e.length])
			packets = append(packets, e.packet)
		}
	}
	return packets, l.total - uint64(len(packets))
}

// decodeOptions reads MPTCP options out of raw TCP options. Malformed ones have
// text only.
func decodeOptions(raw []byte) []Option {
	list := []Option{}
	for {
		option, rest, err := wire.Next(raw)
		if err != nil || option == nil {
			return list
		}
		fields, err := option.Decode()
		if err != nil {
			fields = nil
		}
		list = append(list, Option{Name: option.Subtype().String(), Text: option.String(), Fields: fields})
		raw = rest
	}
}
