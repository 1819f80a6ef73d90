package anonymize

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"allroads/internal/capture"
	"allroads/trace"
	"allroads/wire"
)

// anonymized runs the whole over a file.
func anonymized(t testing.TB, o Options, paths ...string) ([]byte, *Result) {
	t.Helper()
	var out bytes.Buffer
	result, err := Run(context.Background(), paths, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), result
}

// talkative is the real capture with everything in it that a capture may say of where
// it is from, and payload that can be found again.
func talkative(t testing.TB) (path string, packets []trace.Packet, words []string) {
	t.Helper()
	packets, _ = readPackets(t, twoPaths)
	words = []string{"secret-interface", "secret-description", "secret-comment"}
	var file bytes.Buffer
	w, err := capture.NewFileWriter(&file, []capture.FileInterface{
		{Name: words[0], Description: words[1], Comment: words[2], Link: 1},
		{Name: words[0] + "2", Description: words[1], Comment: words[2], Link: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		p := &packets[i]
		copy(p.Data, "\x0c\xc4\x7a\x11\x22\x33\x0c\xc4\x7a\x44\x55\x66") // as of a manufacturer
		for _, at := range []int{26, 30} {                               // addresses of which no zeros are found everywhere
			p.Data[at+1], p.Data[at+2], p.Data[at+3] = 0xc7+p.Data[at+1], 0x3b+p.Data[at+2], 0x95+p.Data[at+3]
		}
		var s trace.Segment
		if err := s.Decode(p); err != nil {
			t.Fatal(err)
		}
		for j := range s.Payload {
			s.Payload[j] = byte(i*31 + j*j*7 + j>>3)
		}
		packet := capture.Packet{Time: p.Time, Interface: p.Interface, Data: p.Data, Length: p.Length}
		if err := w.Write(&packet); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	return save(t, file.Bytes()), packets, words
}

// clues are what must not be in a file that was made of these packets: by what they
// are, in the byte order of the network.
func clues(t testing.TB, packets []trace.Packet) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	put := func(what string, b []byte) { all[fmt.Sprintf("%s %x", what, b)] = bytes.Clone(b) }
	for _, p := range packets {
		put("MAC", p.Data[:6])
		put("MAC", p.Data[6:12])
		var s trace.Segment
		if err := s.Decode(&p); err != nil {
			t.Fatal(err)
		}
		put("address", s.Src.Addr().AsSlice())
		put("address", s.Dst.Addr().AsSlice())
		if s.Flags&trace.SYN != 0 {
			put("ISN", binary.BigEndian.AppendUint32(nil, s.Seq))
		}
		for at := 0; at+6 <= len(s.Payload); at += 6 {
			if piece := s.Payload[at : at+6]; !bytes.Equal(piece, make([]byte, 6)) {
				put("payload", piece)
			}
		}
		for option, rest, _ := wire.Next(s.Options); option != nil; option, rest, _ = wire.Next(rest) {
			cluesOf(option, put)
		}
	}
	return all
}

func cluesOf(option wire.Option, put func(string, []byte)) {
	var c wire.MPCapable
	var j wire.MPJoin
	var d wire.DSS
	var a wire.AddAddr
	var f wire.MPFastClose
	number := func(what string, n uint64) { put(what, binary.BigEndian.AppendUint64(nil, n)) }
	short := func(what string, n uint32) { put(what, binary.BigEndian.AppendUint32(nil, n)) }
	switch {
	case wire.ParseMPCapable(option, &c) == nil:
		for _, k := range []wire.Key{c.SenderKey, c.ReceiverKey} {
			if k != 0 {
				number("key", uint64(k))
				token, idsn := c.Version.Derive(k)
				short("token", uint32(token))
				number("IDSN", idsn)
				number("DSN", idsn+1)
			}
		}
	case wire.ParseMPJoin(option, &j) == nil:
		if j.Nonce != 0 {
			short("nonce", j.Nonce)
		}
		if n := j.HMACLen(); n > 0 {
			put("HMAC", j.HMAC[:min(n, 8)])
		}
	case wire.ParseDSS(option, &d) == nil:
		if d.HasMap && d.DSN64 {
			number("DSN", d.DSN)
		}
		if d.HasAck && d.Ack64 {
			number("DATA_ACK", d.DataAck)
		}
	case wire.ParseAddAddr(option, &a) == nil:
		put("announced", a.Addr.AsSlice())
		if a.HasHMAC {
			put("HMAC", a.HMAC[:])
		}
	case wire.ParseMPFastClose(option, &f) == nil:
		number("key", uint64(f.Key))
	}
}

// leaks are the clues that are in a file, in either byte order.
func leaks(file []byte, clues map[string][]byte) (found []string) {
	for what, clue := range clues {
		turned := slices.Clone(clue)
		slices.Reverse(turned)
		if bytes.Contains(file, clue) || bytes.Contains(file, turned) {
			found = append(found, what)
		}
	}
	slices.Sort(found)
	return found
}

// TestNothingLeaks looks for what identifies somebody.
func TestNothingLeaks(t *testing.T) {
	path, packets, words := talkative(t)
	out, result := anonymized(t, Options{Secret: []byte("nothing leaks")}, path)
	if result.Written != uint64(len(packets)) || result.Connections != 1 || result.Subflows != 2 {
		t.Errorf("%+v", result)
	}
	all := clues(t, packets)
	for _, word := range words {
		all[word] = []byte(word)
	}
	if len(all) < 1000 {
		t.Fatalf("%d clues only", len(all))
	}
	if found := leaks(out, all); len(found) > 0 {
		t.Errorf("%q", found)
	}
	// The search finds them where they are.
	before := fileOf(t, packets, []trace.Interface{{LinkType: 1}, {LinkType: 1}})
	if found := leaks(mustRead(t, before), clues(t, packets)); len(found) < len(all)-10 {
		t.Errorf("%d of %d clues are found in the original", len(found), len(all))
	}
	for _, p := range written(t, out) {
		var s trace.Segment
		if err := s.Decode(&p); err != nil || len(s.Payload) > 0 {
			t.Fatalf("%v, %d bytes of payload", err, len(s.Payload))
		}
	}
}

// TestSameSecret: what is written depends on the secret alone, and on all of it.
func TestSameSecret(t *testing.T) {
	one, _ := anonymized(t, Options{Secret: []byte("one")}, twoPaths)
	again, _ := anonymized(t, Options{Secret: []byte("one")}, twoPaths)
	other, _ := anonymized(t, Options{Secret: []byte("two")}, twoPaths)
	if !bytes.Equal(one, again) {
		t.Error("the same secret gives another file")
	}
	if bytes.Equal(one, other) {
		t.Error("another secret gives the same file")
	}
	for range 2 {
		random, _ := anonymized(t, Options{}, twoPaths)
		if bytes.Equal(one, random) || bytes.Equal(other, random) {
			t.Error("a random secret gives the same file")
		}
		other = random
	}
}

// TestTimes: all are moved by the same span, or none.
func TestTimes(t *testing.T) {
	before, _ := readPackets(t, twoPaths)
	kept, _ := anonymized(t, Options{KeepTime: true}, twoPaths)
	moved, _ := anonymized(t, Options{Secret: []byte("times")}, twoPaths)
	k, m := written(t, kept), written(t, moved)
	by := m[0].Time - before[0].Time
	if by > -1e9 || m[0].Time < 0 {
		t.Errorf("moved by %d ns", by)
	}
	for i := range before {
		if k[i].Time != before[i].Time || m[i].Time != before[i].Time+by {
			t.Fatalf("packet %d: %d became %d and %d", i+1, before[i].Time, k[i].Time, m[i].Time)
		}
	}
}

func written(t testing.TB, file []byte) []trace.Packet {
	t.Helper()
	packets, _ := readPackets(t, save(t, file))
	return packets
}
