package packets_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

func TestNumbers(t *testing.T) {
	sack := append([]byte{5, 10}, 0, 0, 3, 233, 0, 0, 4, 0)
	flow := []trace.Packet{
		raw(segment(client, server, trace.SYN, nil, "")), raw(segment(server, client, trace.SYN|trace.ACK, nil, "")),
		raw(segment(client, server, trace.ACK, sack, "")), raw(segment(client2, server, trace.ACK, sack, "")),
	}
	relative := strings.Join(printed(t, packets.Options{}, flow...), "\n")
	for _, want := range []string{"[S] seq 0 win", "[S.] seq 0 ack 1 win", "40000 > 10.0.0.1:80 [.] seq 1 ack 1 win 1000 len 0 <sack 1:24>", "40001 > 10.0.0.1:80 [.] seq 1001 ack 1001 win 1000 len 0 <sack 1001:1024>"} {
		if !strings.Contains(relative, want) {
			t.Errorf("no %q in\n%s", want, relative)
		}
	}
	absolute := strings.Join(printed(t, packets.Options{Numbers: packets.AbsoluteNumbers}, flow...), "\n")
	for _, want := range []string{"[S] seq 1000 win", "[S.] seq 1000 ack 1001 win", "40000 > 10.0.0.1:80 [.] seq 1001 ack 1001 win 1000 len 0 <sack 1001:1024>"} {
		if !strings.Contains(absolute, want) {
			t.Errorf("no %q in\n%s", want, absolute)
		}
	}
	other := segment(server, client, trace.SYN|trace.ACK, nil, "")
	other[27] -= 200 // The sides' first numbers are not the same.
	if got := printed(t, packets.Options{}, flow[0], raw(other), flow[2])[2]; !strings.Contains(got, "seq 1 ack 201 win 1000 len 0 <sack 201:224>") {
		t.Errorf("with other numbers of the server: %q", got)
	}
	again := segment(client, server, trace.SYN, nil, "")
	again[20+7]++ // another sequence number: the ports are used again
	flow = append(flow, raw(again), flow[2])
	if got := printed(t, packets.Options{}, flow...)[5]; !strings.Contains(got, "seq 0 ack 1001 ") {
		t.Errorf("after another SYN: %q", got)
	}
}

// TestForgotten has more flows come than are remembered: numbers of one that is
// forgotten are those of the header, never another flow's.
func TestForgotten(t *testing.T) {
	var text bytes.Buffer
	p := packets.New(&text, packets.Options{})
	number := uint64(0)
	send := func(port uint16, flags trace.TCPFlags) string {
		number++
		packet := raw(segment(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(number >> 16), byte(number >> 8), byte(number)}), port), server, flags, nil, ""))
		if flags == trace.ACK {
			packet = raw(segment(client, server, flags, nil, ""))
		}
		if err := errors.Join(p.Packet(number, &packet), p.Flush()); err != nil {
			t.Fatal(err)
		}
		defer text.Reset()
		return text.String()
	}
	syn := raw(segment(client, server, trace.SYN, nil, ""))
	if err := p.Packet(1, &syn); err != nil {
		t.Fatal(err)
	}
	if got := send(0, trace.ACK); !strings.Contains(got, "] seq 1 ack") {
		t.Errorf("at first %s", got)
	}
	for i := range 200_000 {
		send(uint16(number), trace.SYN)
		if i%1000 != 0 {
			continue
		}
		if got := send(0, trace.ACK); !strings.Contains(got, "] seq 1 ack") {
			t.Fatalf("in use, among %d others: %s", i, got)
		}
	}
	for range 200_000 {
		send(uint16(number), trace.SYN)
	}
	if got := send(0, trace.ACK); !strings.Contains(got, "] seq 1001 ack") {
		t.Errorf("at last %s", got)
	}
}

// TestRewritten has the copies of a flow, captured at two points, differ in their
// numbers: they are those of the headers.
func TestRewritten(t *testing.T) {
	syn, ack := segment(client, server, trace.SYN, nil, ""), segment(client, server, trace.ACK, nil, "")
	other, otherACK := raw(bytes.Clone(syn)), raw(bytes.Clone(ack))
	for _, p := range []*trace.Packet{&other, &otherACK} {
		p.Interface = 1
		p.Data[24]++
	}
	for i, line := range printed(t, packets.Options{}, raw(syn), other, raw(ack), otherACK)[2:] {
		if want := []string{"] seq 1001 ack", "] seq 16778217 ack"}[i]; !strings.Contains(line, want) {
			t.Errorf("%q, want %q", line, want)
		}
	}
}
