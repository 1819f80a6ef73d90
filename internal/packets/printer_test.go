package packets_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

// printed is what is printed of packets, by lines.
func printed(t testing.TB, o packets.Options, all ...trace.Packet) []string {
	t.Helper()
	var text bytes.Buffer
	p := packets.New(&text, o)
	for i := range all {
		if err := p.Packet(uint64(i+1), &all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if text.Len() == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}

func raw(b []byte) trace.Packet { return trace.Packet{Link: trace.Raw, Data: b, Length: len(b)} }

func TestMPTCPOnly(t *testing.T) {
	mptcp := raw(segment(client, server, trace.ACK, []byte{30, 3, 0x50}, ""))
	plain := raw(segment(client, server, trace.ACK, []byte{8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, ""))
	syn, broken := raw(segment(server, client, trace.SYN, nil, "")), raw(segment(client, server, trace.ACK, []byte{30, 9, 0x50, 0}, ""))
	reply := raw(segment(server, client, trace.ACK, []byte{30, 3, 0x50}, ""))
	udp := raw(append(ip4(client.Addr(), server.Addr(), 17, 0), 0))
	got := printed(t, packets.Options{MPTCPOnly: true}, plain, mptcp, udp, syn, broken, cut(plain, 45), reply)
	if len(got) != 4 || !strings.HasPrefix(got[0], "    2 ") || !strings.HasPrefix(got[1], "    5 ") || !strings.HasPrefix(got[2], "    6 ") {
		t.Errorf("%q", got)
	}
	if last := got[len(got)-1]; !strings.Contains(last, "seq 1 ack 1001 ") {
		t.Errorf("%q, of a flow whose SYN was left out", last)
	}
}

func TestInterfaces(t *testing.T) {
	p := raw(segment(client, server, trace.ACK, nil, ""))
	second, third := p, p
	second.Interface, third.Interface = 1, 2
	got := printed(t, packets.Options{Names: []string{"red", "b l\x1b[2Jue\n"}}, p, second, third)
	for i, want := range []string{" red 10.", " b?l?[2Jue? 10.", " #2 10."} {
		if !strings.Contains(got[i], want) {
			t.Errorf("%q, want %q", got[i], want)
		}
	}
	if got := printed(t, packets.Options{Names: []string{"red"}}, p); strings.Contains(got[0], "red") {
		t.Errorf("%q of one interface", got)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteError(t *testing.T) {
	p := packets.New(full{}, packets.Options{})
	packet := raw(segment(client, server, trace.ACK, nil, ""))
	if err := p.Packet(1, &packet); err != nil {
		t.Errorf("%v before anything is written", err)
	}
	for _, err := range []error{p.Flush(), p.Packet(2, &packet), p.Flush()} {
		if !errors.Is(err, errFull) || err.Error() != "print packets: "+errFull.Error() {
			t.Errorf("%v, want %v", err, errFull)
		}
	}
}
