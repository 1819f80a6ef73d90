package trace_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// received is what a receiver gets of both sides' streams.
type received struct {
	t     *testing.T
	bytes [2]map[int64]byte
	ends  [2]trace.Extent
	over  int
}

func side(fromServer bool) int {
	if fromServer {
		return 1
	}
	return 0
}

func (r *received) Piece(p *trace.Piece) {
	at := side(p.FromServer)
	if r.bytes[at] == nil {
		r.bytes[at] = map[int64]byte{}
	}
	if len(p.Data) > p.Length {
		r.t.Errorf("%d bytes of %d", len(p.Data), p.Length)
	}
	for i, b := range p.Data {
		if _, known := r.bytes[at][p.Offset+int64(i)]; !known {
			r.bytes[at][p.Offset+int64(i)] = b
		}
	}
}

func (r *received) Over(e *trace.Extent) {
	r.ends[side(e.FromServer)] = *e
	r.over++
}

// want compares the stream of a side, from where it begins to its end.
func (r *received) want(from int, text string, begin int64) {
	r.t.Helper()
	got := make([]byte, len(text))
	for i := range got {
		got[i] = '?'
		if b, known := r.bytes[from][begin+int64(i)]; known {
			got[i] = b
		}
	}
	if string(got) != text || len(r.bytes[from]) != len(text) {
		r.t.Errorf("side %d: %q of %d bytes, want %q", from, got, len(r.bytes[from]), text)
	}
}

// receive has a receiver get what packets carry.
func receive(t *testing.T, o trace.Options, packets []trace.Packet) *received {
	t.Helper()
	r := &received{t: t}
	o.Payload = r
	a := trace.New(redBlue)
	a.Follow(o)
	for i := range packets {
		a.Add(&packets[i])
	}
	a.End()
	if r.over != 2 {
		t.Errorf("%d streams were over", r.over)
	}
	return r
}

// TestPayload: what both sides said, over both subflows, in both versions.
func TestPayload(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		s := open(version, version == wire.V1)
		s.data(1, 0, 1, 6, "world")
		s.data(0, 0, 4, 3, "lo ")
		s.data(0, 0, 1, 0, "hel")
		s.data(0, 0, 1, 0, "hel") // by TCP
		s.data(1, 0, 6, 0, "hello ")
		s.data(1, 1, 1, 0, "back")
		s.finish([2]uint64{11, 4})
		r := receive(t, trace.Options{}, s.packets)
		r.want(0, "hello world", 0)
		r.want(1, "back", 0)
		for i, end := range []int64{11, 4} {
			if e := r.ends[i]; !e.Ended || e.End != end || e.Delivered != end || e.Connection != 1 {
				t.Errorf("%+v, want %d", e, end)
			}
		}
	}
}

// TestPayloadNarrow: numbers of 32 bits, which wrap around in the middle.
func TestPayloadNarrow(t *testing.T) {
	s := newSession(wire.V1, false)
	random := rand.New(rand.NewPCG(1, 1))
	for uint32(s.base(0)) < math.MaxUint32-1000 {
		s.keys[0] = wire.Key(random.Uint64())
	}
	s.openRed()
	s.openBlue()
	text := make([]byte, 3000)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	for at := 0; at < len(text); at += 100 {
		path, ssn := at/100%2, uint32(1+at/200*100)
		s.sendDSS(path, 0, ssn, &wire.DSS{
			HasMap: true, DSN: uint64(uint32(s.base(0) + uint64(at))), SSN: ssn, Length: 100,
		}, string(text[at:at+100]))
	}
	r := receive(t, trace.Options{}, s.packets)
	r.want(0, string(text), 0)
}

// TestPayloadLateMapping: data waits for the mapping that comes behind it.
func TestPayloadLateMapping(t *testing.T) {
	s := open(wire.V1, false)
	s.silent = true
	s.sendDSS(0, 0, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(1)}, "hel")
	s.sendDSS(0, 0, 4, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0), SSN: 1, Length: 6}, "lo ")
	receive(t, trace.Options{}, s.packets).want(0, "hello ", 0)
}

// TestPayloadInfinite: after an infinite mapping TCP goes on with the stream, both
// ways.
func TestPayloadInfinite(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	s.data(0, 0, 1, 0, "hello ")
	s.data(0, 1, 1, 0, "ba")
	s.sendDSS(0, 0, 7, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 6, SSN: 7, Length: 0}, "wor")
	s.tcpData(0, 10, "ld")
	s.tcpData(1, 3, "ck")
	s.next[0] = [2]uint32{12, 5}
	s.close(0)
	r := receive(t, trace.Options{}, s.packets)
	r.want(0, "hello world", 0)
	r.want(1, "back", 0)
	if e := r.ends[0]; !e.Ended || e.End != 11 || e.Delivered != 11 {
		t.Errorf("%+v", e)
	}
}

// tcpData sends bytes on red without a mapping.
func (s *session) tcpData(from int, ssn uint32, payload string) {
	s.iface = 0
	s.send(s.red[from], s.red[1-from], s.redISN[from]+ssn, s.redISN[1-from]+s.next[0][1-from], trace.ACK|trace.PSH, nil, []byte(payload))
	s.send(s.red[1-from], s.red[from], s.redISN[1-from]+s.next[0][1-from], s.redISN[from]+ssn+uint32(len(payload)), trace.ACK, nil, nil)
}

// TestPayloadUnmapped: data without any mapping is of the stream when it was taken.
func TestPayloadUnmapped(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	s.data(0, 0, 1, 0, "hello ")
	s.tcpData(0, 7, "world")
	r := receive(t, trace.Options{}, s.packets)
	r.want(0, "hello world", 0)
	if e := r.ends[0]; e.Ended || e.Delivered != 11 {
		t.Errorf("%+v", e)
	}
}

// TestPayloadProbe: a probe of a closed window has a byte that is not of the stream.
func TestPayloadProbe(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.sendDSS(0, 1, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(0) + 6}, "")
	s.data(1, 0, 1, 5, "X")
	s.data(1, 0, 2, 6, "world")
	receive(t, trace.Options{}, s.packets[:]).want(0, "hello world", 0)
}

// TestPayloadMidway: what was held back until its place was known is there too.
func TestPayloadMidway(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "before")
	start := len(s.packets)
	s.both(0, 0, 7, 6, 0, "hel") // a mapping of three bytes, all there
	s.both(0, 0, 10, 9, 0, "lo ")
	s.both(1, 0, 1, 12, 0, "world")
	s.both(1, 1, 1, 0, 17, "back")
	s.finish([2]uint64{17, 4})
	r := receive(t, midway, s.packets[start:])
	first := int64(math.MaxInt64)
	for at := range r.bytes[0] {
		first = min(first, at)
	}
	r.want(0, "hello world", first)
	if e := r.ends[0]; !e.Ended || e.End != first+11 {
		t.Errorf("%+v, the first byte is %d", e, first)
	}
}

// TestPayloadPlain: plain TCP is followed on request.
func TestPayloadPlain(t *testing.T) {
	s := newSession(wire.V1, true)
	s.tcp(nil)
	s.next[0] = [2]uint32{1, 1}
	s.tcpData(0, 1, "hello")
	r := receive(t, trace.Options{TCP: true}, s.packets)
	r.want(0, "hello", 0)
}

// TestPayloadEarly: what a SYN carries stands in front of the stream, when it was taken
// (net/mptcp/fastopen.c), and mappings count from behind it.
func TestPayloadEarly(t *testing.T) {
	for _, taken := range []bool{true, false} {
		s := newSession(wire.V1, false)
		s.openRed()
		s.early("early", taken)
		s.openBlue()
		s.data(0, 0, 1, 0, "hello ")
		s.data(1, 0, 1, 6, "world")
		s.finish([2]uint64{11, 0})
		r := receive(t, trace.Options{}, s.packets)
		if taken {
			r.want(0, "earlyhello world", -5)
		} else {
			r.want(0, "hello world", 0)
		}
		wantProven(t, analyze(s.packets))
	}
}

// early has the SYN of red carry data, over IPv4, and the SYN/ACK take it or not.
func (s *session) early(text string, taken bool) {
	syn := &s.packets[0]
	syn.Data = append(syn.Data, text...)
	syn.Length = len(syn.Data)
	binary.BigEndian.PutUint16(syn.Data[16:], uint16(len(syn.Data)-14))
	if !taken {
		return
	}
	s.redISN[0] += uint32(len(text))
	binary.BigEndian.PutUint32(s.packets[1].Data[14+20+8:], s.redISN[0]+1)
	binary.BigEndian.PutUint32(s.packets[2].Data[14+20+4:], s.redISN[0]+1)
}
