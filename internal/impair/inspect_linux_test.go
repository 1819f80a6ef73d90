package impair

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

// udpPayload is where a datagram's payload starts in our frames.
const udpPayload = etherHeader + 20 + 8

// resize returns an IPv4 frame with another UDP payload, and checksums that hold.
func resize(frame, payload []byte) []byte {
	out := append(bytes.Clone(frame[:udpPayload]), payload...)
	ip, udp := out[etherHeader:etherHeader+20], out[etherHeader+20:]
	binary.BigEndian.PutUint16(ip[2:], uint16(28+len(payload)))
	binary.BigEndian.PutUint16(udp[4:], uint16(8+len(payload)))
	binary.BigEndian.PutUint16(udp[6:], 0) // No checksum.
	binary.BigEndian.PutUint16(ip[10:], 0)
	sum := uint32(0)
	for i := 0; i < 20; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(ip[i:]))
	}
	sum = sum>>16 + sum&0xffff
	sum += sum >> 16
	binary.BigEndian.PutUint16(ip[10:], ^uint16(sum))
	return out
}

// TestInspect has a middlebox drop datagrams, and make others longer, shorter,
// and too short to be frames.
func TestInspect(t *testing.T) {
	b := newBed(t)
	var seen []string // in order; the thread's until Close
	middlebox := func(d Direction, frame []byte) ([]byte, bool) {
		if d == BToA || len(frame) < udpPayload || frame[12] != 8 || frame[13] != 0 {
			return frame, false
		}
		text := string(frame[udpPayload:])
		seen = append(seen, text)
		switch text {
		case "drop":
			return nil, true
		case "lengthen":
			return resize(frame, bytes.Repeat([]byte("long"), 300)), false
		case "shorten":
			return resize(frame, []byte("s")), false
		case "spoil":
			return frame[:10], false
		case "overdo":
			return make([]byte, 100_000), false
		case "overdo a bit":
			return make([]byte, 1540), false
		}
		return frame, false
	}
	l := b.open(t, Params{}, Params{}, Options{Inspect: middlebox})
	client, server := b.datagrams(t)
	sent := []string{"leave", "drop", "lengthen", "spoil", "shorten", "overdo", "overdo a bit", "leave"}
	for _, text := range sent {
		if _, err := client.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"leave", strings.Repeat("long", 300), "s", "leave"} {
		received := make([]byte, 2000)
		n, err := server.Read(received)
		if err != nil {
			t.Fatal(err)
		}
		if string(received[:n]) != want {
			t.Errorf("received %.20q, want %.20q", received[:n], want)
		}
	}
	l.Close()
	if strings.Join(seen, ",") != strings.Join(sent, ",") {
		t.Errorf("inspected %q", seen)
	}
	if s := l.Stats(AToB); s.Inspected != 1 || s.Unfit != 1 || s.Refused != 2 {
		t.Errorf("%+v: want 1 inspected, 1 unfit, 2 refused", s)
	}
}

// TestInspectInPlace changes bytes where they are, checksum and all.
func TestInspectInPlace(t *testing.T) {
	b := newBed(t)
	b.open(t, Params{Delay: time.Millisecond}, Params{}, Options{Inspect: func(_ Direction, frame []byte) ([]byte, bool) {
		if len(frame) > udpPayload && frame[12] == 8 && frame[13] == 0 {
			frame[udpPayload] = 'X'
			frame[udpPayload-2], frame[udpPayload-1] = 0, 0
		}
		return frame, false
	}})
	client, server := b.datagrams(t)
	client.Write([]byte("abc"))
	received := make([]byte, 100)
	n, err := server.Read(received)
	if err != nil {
		t.Fatal(err)
	}
	if string(received[:n]) != "Xbc" {
		t.Errorf("received %q", received[:n])
	}
}
