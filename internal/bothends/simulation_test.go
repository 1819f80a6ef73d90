package bothends_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"allroads/internal/bothends"
	"allroads/trace"
)

type packetOf = trace.Packet

// simulation is one connection through a network that loses, delays, overtakes,
// doubles and cuts, with two clocks; it keeps account of what really happened.
type simulation struct {
	*rand.Rand
	offset  int64   // of the server's clock
	drift   float64 // of it
	delay   [2]int64
	jitter  int64
	loss    float64
	double  float64
	large   int // segments in a packet where it is sent, at most
	joined  int // and where it arrives
	isn     [2]uint32
	id      [2]uint16
	events  [2][]trace.Packet
	span    int64
	sent    [2]int
	lost    [2]int // packets, of which nothing arrived
	bytes   [2]int // lost
	doubled [2]int
}

func newSimulation(seed uint64) *simulation {
	s := &simulation{Rand: rand.New(rand.NewPCG(seed, 1)), delay: [2]int64{8e6, 8e6}, jitter: 5e5, large: 1, joined: 1, span: 3e9}
	s.isn = [2]uint32{s.Uint32(), s.Uint32()}
	return s
}

const simulationStart = int64(1_700_000_000_000_000_000)

// clock is a time at one end.
func (s *simulation) clock(end int, at int64) int64 {
	if end == 0 {
		return simulationStart + at
	}
	return simulationStart + at + s.offset + int64(s.drift*float64(at)/1e6)
}

func (s *simulation) seq(from int, n int) uint32 { return s.isn[from] + 1 + uint32(n) }

// packet is an IPv4 packet from one end to the other.
func (s *simulation) packet(at int64, from int, flags byte, seq, ack uint32, options, payload []byte) trace.Packet {
	b := make([]byte, 40, 40+len(options)+len(payload))
	b[0], b[8], b[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(b[2:], uint16(40+len(options)+len(payload)))
	b[6] = 0x40
	ports := [2]uint16{40000, 80}
	addresses := [2][]byte{{10, 0, 0, 1}, {10, 0, 0, 2}}
	copy(b[12:], addresses[from])
	copy(b[16:], addresses[1-from])
	binary.BigEndian.PutUint16(b[20:], ports[from])
	binary.BigEndian.PutUint16(b[22:], ports[1-from])
	binary.BigEndian.PutUint32(b[24:], seq)
	binary.BigEndian.PutUint32(b[28:], ack)
	b[32], b[33] = byte(20+len(options))/4<<4, flags
	b[34], b[35] = 100, 0
	b = append(append(b, options...), payload...)
	return trace.Packet{Time: at, Link: trace.Raw, Length: len(b), Data: b}
}

func (s *simulation) options(at int64, mptcp bool) []byte {
	b := []byte{1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(b[4:], uint32(at/1e6)+1000)
	if mptcp {
		b = append(b, 30, 8, 0x20, 1, 0, 0, 0, 1)
	}
	return b
}

const simulatedSegment = 1000

// send has a packet of so many segments be seen at its sender, and what of it arrives
// at the receiver.
func (s *simulation) send(at int64, from int, flags byte, offset, segments int, ack uint32, options []byte) {
	content := func(i, n int) []byte {
		if segments == 0 {
			return nil
		}
		b := make([]byte, n*simulatedSegment)
		for j := range b {
			b[j] = byte((uint64(offset+i*simulatedSegment+j) + uint64(s.isn[from])) * 2654435761 >> 13)
		}
		return b
	}
	seq := s.seq(from, offset)
	if flags&2 != 0 {
		seq--
	}
	s.sent[from]++
	p := s.packet(s.clock(from, at), from, flags, seq, ack, options, content(0, segments))
	id := s.id[from]
	s.id[from] += uint16(max(segments, 1))
	binary.BigEndian.PutUint16(p.Data[4:], id+1)
	s.events[from] = append(s.events[from], p)
	arrived := 0
	for i := 0; i < max(segments, 1); {
		n := min(1+s.IntN(s.joined), max(segments, 1)-i)
		if offset >= 0 && s.Float64() < s.loss {
			s.bytes[from] += min(n, segments) * simulatedSegment
			i += n
			continue
		}
		arrived++
		for range s.copies(from) {
			there := at + s.delay[from] + int64(s.ExpFloat64()*float64(s.jitter)) + int64(i)*1000
			p := s.packet(s.clock(1-from, there), from, flags, seq+uint32(i*simulatedSegment), ack, options, content(i, min(n, segments)))
			binary.BigEndian.PutUint16(p.Data[4:], id+1+uint16(i))
			s.events[1-from] = append(s.events[1-from], p)
		}
		i += n
	}
	if arrived == 0 {
		s.lost[from]++
	}
}

func (s *simulation) copies(from int) int {
	if s.Float64() >= s.double {
		return 1
	}
	s.doubled[from]++
	return 2
}

// run has the client send so many packets of data, some again, and the server
// answer each.
func (s *simulation) run(n int) (client, server []trace.Packet) {
	loss, double := s.loss, s.double
	s.loss, s.double = 0, 0
	s.send(0, 0, 2, 0, 0, 0, append(s.options(0, false), 2, 4, 3, 232, 30, 4, 1, 0x81))
	s.send(s.delay[0]+s.jitter*20, 1, 0x12, 0, 0, s.seq(0, 0), append(s.options(1e6, false), 2, 4, 3, 232, 30, 12, 1, 0x81, 1, 2, 3, 4, 5, 6, 7, byte(s.isn[0])))
	s.loss, s.double = loss, double
	at, offset := 2*(s.delay[0]+s.delay[1]+s.jitter*20), 0
	step := s.span / int64(n)
	for i := range n {
		segments := 1 + s.IntN(s.large)
		from := offset
		if i > 10 && s.Float64() < 0.05 { // again
			segments = 1 + s.IntN(min(2, s.large))
			from = max(offset-(2+s.IntN(4))*simulatedSegment, 0)
		} else {
			offset += segments * simulatedSegment
		}
		s.send(at, 0, 0x10, from, segments, s.seq(1, 0), s.options(at, true))
		s.send(at+s.delay[0]+s.IntN64(step), 1, 0x10, 0, 0, s.seq(0, offset), s.options(at+1e6, true))
		at += step/2 + s.IntN64(step)
	}
	s.span = at
	s.loss, s.double = 0, 0
	last := at + 5*second
	s.send(last, 0, 0x11, offset, 0, s.seq(1, 0), s.options(last, true))
	s.send(last, 1, 0x11, 0, 0, s.seq(0, offset), s.options(last, true))
	for i := range s.events {
		slices.SortStableFunc(s.events[i], func(a, b trace.Packet) int {
			if a.Time < b.Time {
				return -1
			} else if a.Time > b.Time {
				return 1
			}
			return 0
		})
	}
	return s.events[0], s.events[1]
}

const second = int64(1e9)

func (s *simulation) IntN64(n int64) int64 { return s.Int64N(max(n, 1)) }

// TestSimulated compares the result with what is known to have happened.
func TestSimulated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(32) {
		s := newSimulation(seed)
		s.delay = [2]int64{1e6 + s.IntN64(50e6), 1e6 + s.IntN64(50e6)}
		s.jitter, s.loss, s.double = s.IntN64(3e6), s.Float64()*0.1, s.Float64()*0.05
		s.large = 1 + int(seed%4)*5
		s.joined = 1 + int(seed%3)*3
		s.offset, s.drift = s.IntN64(20e9)-10e9, s.Float64()*200-100
		s.span = second + s.IntN64(60e9)
		a, b := s.run(1500)
		t.Run(fmt.Sprint(seed), func(t *testing.T) { s.check(t, compareLists(t, a, b)) })
	}
}

func (s *simulation) check(t *testing.T, r *bothends.Result) {
	if len(r.Subflows) != 1 || r.Swapped || len(r.Subflows[0].Changes) > 0 {
		t.Fatalf("%d subflows, swapped: %v, %+v", len(r.Subflows), r.Swapped, r.Subflows[0].Changes)
	}
	f := &r.Subflows[0]
	for i, w := range []bothends.Way{f.ToServer, f.ToClient} {
		if int(w.Sent.Packets) != s.sent[i] || int(w.Lost.Bytes) != s.bytes[i] || w.Extra.Packets > 0 || w.Outside > 0 {
			t.Errorf("%+v; sent %d, lost %d bytes", w, s.sent[i], s.bytes[i])
		}
		if int(w.Lost.Packets) != s.lost[i] || int(w.Duplicated) != s.doubled[i] {
			t.Errorf("lost %d, doubled %d; want %d and %d", w.Lost.Packets, w.Duplicated, s.lost[i], s.doubled[i])
		}
		if w.Lost.Segments == nil && (s.large == 1 || s.joined == 1) || w.Lost.Segments != nil && int(*w.Lost.Segments) != s.bytes[i]/simulatedSegment {
			t.Errorf("lost %v segments, want %d", w.Lost.Segments, s.bytes[i]/simulatedSegment)
		}
	}
	c := r.Clock
	truth := s.clock(1, c.At-simulationStart) - c.At
	if !c.Known || c.Low > truth || c.High < truth {
		t.Errorf("offset %d to %d, want %d", c.Low, c.High, truth)
	}
	slack := int64(20_000) // what a clock drifts in the time that packets take, and that of the fit
	if c.Drift == nil {
		slack += s.span / 1e4
	}
	if sum := f.ToServer.Delay.Min + f.ToClient.Delay.Min; sum < s.delay[0]+s.delay[1]-slack || sum > s.delay[0]+s.delay[1]+s.jitter/2+slack {
		t.Errorf("there and back %d, want %d", sum, s.delay[0]+s.delay[1])
	}
	if c.Drift == nil {
		if s.span > 12*second {
			t.Errorf("no drift over %d", s.span)
		}
		return
	}
	if *c.DriftLow > s.drift || *c.DriftHigh < s.drift || *c.Drift-*c.DriftOff > s.drift || *c.Drift+*c.DriftOff < s.drift {
		t.Errorf("drift %v, give or take %v, between %v and %v; want %v", *c.Drift, *c.DriftOff, *c.DriftLow, *c.DriftHigh, s.drift)
	}
}
