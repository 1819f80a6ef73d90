package packets_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

// FuzzPacket prints any bytes, and the same ones cut. Each is one line of plain
// text, and what is cut says nothing that the whole does not.
func FuzzPacket(f *testing.F) {
	for _, path := range kept(f) {
		for i, p := range captured(f, path) {
			if i%5 == 0 {
				f.Add(p.Data, byte(p.Link), uint16(p.Length), byte(len(p.Data)/2))
			}
		}
	}
	f.Add(segment(client, server, trace.SYN, []byte{30, 12, 0x10, 1, 1, 2, 3, 4, 5, 6, 7, 8, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8}, "x"), byte(trace.Raw), uint16(60), byte(50))
	f.Add(ip4(client.Addr(), server.Addr(), 17, 8), byte(trace.Raw), uint16(0), byte(0))
	f.Add(segment(client, server, trace.ACK, []byte{48, 1, 1, 1, 1, 1, 1, 1}, ""), byte(trace.Raw), uint16(0), byte(45))
	// The printer is the same for all inputs, as it is for all packets of a file.
	var text bytes.Buffer
	p := packets.New(&text, packets.Options{Numbers: packets.AbsoluteNumbers})
	line := func(t *testing.T, packet trace.Packet) string {
		text.Reset()
		if err := p.Packet(1, &packet); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	f.Fuzz(func(t *testing.T, data []byte, link byte, length uint16, snap byte) {
		packet := trace.Packet{Data: data, Link: trace.LinkType(link), Length: max(len(data), int(length))}
		whole := line(t, packet)
		checkLine(t, whole)
		partial := line(t, cut(packet, int(snap)))
		checkLine(t, partial)
		checkClaims(t, partial, whole)
	})
}

func checkLine(t *testing.T, line string) {
	t.Helper()
	if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
		t.Errorf("not one line: %q", line)
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return (r < ' ' || r > '~') && r != '\n' }); i >= 0 {
		t.Errorf("%q is not plain", line)
	}
}

// checkClaims: what stands in the line of a packet that was cut stands in that of
// the whole, but for the words of the cut itself.
func checkClaims(t *testing.T, partial, whole string) {
	t.Helper()
	if !strings.Contains(whole, "] seq ") || !strings.Contains(partial, "] seq ") {
		if strings.Contains(partial, "] seq ") {
			t.Errorf("%q, of which the whole is %q", partial, whole)
		}
		return // What is less than a segment is described in other words.
	}
	claims := claimsOf(whole)
	for _, claim := range claimsOf(partial) {
		if !strings.Contains(claim, "cut off") && !slices.Contains(claims, claim) {
			t.Errorf("%q is in %q, but not in %q", claim, partial, whole)
		}
	}
}

// claimsOf are the parts of a segment's line: what comes before the options, and
// each option. What the flow makes known, as it may differ from one time to the
// next, is left out.
func claimsOf(line string) (claims []string) {
	parts := strings.Split(strings.TrimSpace(line), " | ")
	header, options, _ := strings.Cut(parts[0], " <")
	claims = append(claims, header)
	if options != "" {
		claims = append(claims, strings.Split(strings.TrimSuffix(options, ">"), ",")...)
	}
	for _, part := range parts[1:] {
		own, derived, _ := strings.Cut(part, " (")
		claims = append(claims, own)
		if derived != "" && strings.HasPrefix(own, "MP_CAPABLE") {
			claims = append(claims, derived)
		}
	}
	return claims
}

// TestMutated alters each byte of the packets of a scene, one at a time.
func TestMutated(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	var text bytes.Buffer
	p := packets.New(&text, packets.Options{})
	altered := 0
	for _, path := range kept(t)[:2] {
		for _, packet := range captured(t, path) {
			for at := range min(len(packet.Data), 120) {
				for _, bits := range []byte{1, 0x80, 0xff} {
					packet.Data[at] ^= bits
					text.Reset()
					if err := p.Packet(1, &packet); err != nil {
						t.Fatal(err)
					}
					if err := p.Flush(); err != nil {
						t.Fatal(err)
					}
					checkLine(t, text.String())
					packet.Data[at] ^= bits
					altered++
				}
			}
		}
	}
	if altered < 10_000 {
		t.Errorf("only %d altered", altered)
	}
}
