// Package packets prints packets as text, a line each: what a TCP segment is, and
// all that its MPTCP options say, with what follows from them (tokens, initial
// data sequence numbers). It judges nothing; package trace does. A line is
//
//	6 0.000312570 red 10.0.1.2:45445 > 10.0.0.1:4321 [S] seq 0 win 64240 len 0 <mss 1460,sackOK> | MP_JOIN syn id=1 token=0xf32822ac nonce=0x849229fc (v1)
//
// number, time, interface, addresses and TCP header, other options, and behind
// each bar an MPTCP option. What the capture cut off is said to be "cut off", what
// contradicts itself is "malformed", both with their bytes.
package packets

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"allroads/trace"
)

// Options are how lines look. The zero value is good.
type Options struct {
	Time    Time
	Zone    *time.Location // of Absolute times; nil is UTC
	Numbers Numbers
	Color   bool // a terminal's

	// MPTCPOnly leaves out all that is no segment, and segments without MPTCP
	// options; not those whose options were cut off.
	MPTCPOnly bool

	// Names are those of the interfaces, which lines begin with when there are
	// several. See also [Printer.Rename].
	Names []string
}

// Numbers are what TCP sequence numbers are given as.
type Numbers int

const (
	// RelativeNumbers count from the sender's SYN on, which has 0. They are those
	// of the header where no SYN was seen, it is forgotten (32,768 flows are
	// remembered), or copies of it have different numbers.
	RelativeNumbers Numbers = iota
	// AbsoluteNumbers are those of the header.
	AbsoluteNumbers
)

// Printer prints packets. It allocates nothing per packet, and its memory does
// not grow with them. It is for one goroutine.
type Printer struct {
	out     io.Writer
	o       Options
	names   []string
	clock   clock
	buffer  []byte // lines that are not written yet
	err     error  // the first one of writing
	segment trace.Segment
	options tcpOptions
	flows   flows
	tokens  tokens
}

// flushAt is how many bytes of lines are written at once.
const flushAt = 64 << 10

// longest is room for any line: 40 bytes of options make about 700 of text.
const longest = 4 << 10

// New returns a printer to w, which gets whole lines, many at once, and the last
// ones with Flush.
func New(w io.Writer, o Options) *Printer {
	p := &Printer{out: w, o: o, buffer: make([]byte, 0, flushAt+longest)}
	p.clock = newClock(o.Time, o.Zone)
	p.flows.seed()
	p.Rename(o.Names)
	return p
}

// Rename says the interfaces' names anew: a file may tell of further ones behind
// the first packets.
func (p *Printer) Rename(names []string) {
	p.names = p.names[:0]
	for _, name := range names {
		p.names = append(p.names, printable(name))
	}
}

// Packet prints a packet, unless it is left out; number is its position in the
// capture, from 1 on. The error is that of writing this line or an earlier one.
func (p *Printer) Packet(number uint64, pk *trace.Packet) error {
	p.clock.see(pk.Time)
	s := &p.segment
	why := s.Decode(pk)
	if why == nil {
		p.options.read(s.Options, s.OptionsCut)
	}
	if p.o.MPTCPOnly && (why != nil || !p.options.mayBeMPTCP(s)) {
		p.follow(s, why)
		return p.err
	}
	b := p.head(p.buffer, number, pk)
	if why == nil {
		b = p.appendSegment(b, s)
	} else {
		b = appendOther(b, pk, why)
	}
	p.buffer = append(b, '\n')
	if len(p.buffer) >= flushAt {
		return p.Flush()
	}
	return p.err
}

// follow takes note of a segment that is not printed.
func (p *Printer) follow(s *trace.Segment, why error) {
	if why == nil {
		p.flows.of(s)
	}
}

// Flush writes the lines that are not written yet.
func (p *Printer) Flush() error {
	if p.err == nil && len(p.buffer) > 0 {
		if _, err := p.out.Write(p.buffer); err != nil {
			p.err = fmt.Errorf("print packets: %w", err)
		}
	}
	p.buffer = p.buffer[:0]
	return p.err
}

// head is what all lines begin with: number, time, interface.
func (p *Printer) head(b []byte, number uint64, pk *trace.Packet) []byte {
	b = p.paint(b, dim)
	for at := uint64(10_000); at > number && at > 1; at /= 10 {
		b = append(b, ' ')
	}
	b = strconv.AppendUint(b, number, 10)
	b = p.clock.append(append(b, ' '), pk.Time)
	b = p.plain(b)
	if len(p.names) > 1 || pk.Interface > 0 {
		b = p.appendInterface(append(b, ' '), pk.Interface)
	}
	return append(b, ' ')
}

func (p *Printer) appendInterface(b []byte, number int) []byte {
	if number >= 0 && number < len(p.names) && p.names[number] != "" {
		return append(b, p.names[number]...)
	}
	return strconv.AppendInt(append(b, '#'), int64(number), 10)
}
