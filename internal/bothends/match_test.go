package bothends_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"allroads/internal/bothends"
	"allroads/trace"
)

// edit changes the TCP segments of Ethernet frames over IPv4, or of bare IPv4
// packets: ip and tcp are the headers, up is from the client.
func edit(packets []trace.Packet, change func(ip, tcp []byte, up bool)) []trace.Packet {
	packets = slices.Clone(packets)
	for i := range packets {
		p := &packets[i]
		p.Data = slices.Clone(p.Data)
		var s trace.Segment
		if s.Decode(p) != nil {
			continue
		}
		ip := p.Data
		if p.Link == trace.Ethernet {
			ip = ip[14:]
		}
		change(ip, ip[int(ip[0]&15)*4:], s.Dst.Port() == 4321 || s.Dst.Port() == 80)
	}
	return packets
}

func add32(b []byte, n uint32) { binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)+n) }

// shifted has the sequence numbers of both sides be others.
func shifted(tcp []byte, up bool, client, server uint32) {
	if !up {
		client, server = server, client
	}
	add32(tcp[4:], client)
	if tcp[13]&0x10 != 0 {
		add32(tcp[8:], server)
	}
	for at := 20; at < int(tcp[12]>>4)*4 && tcp[at] != 0; { // SACK (RFC 2018) is of the other's numbers
		if tcp[at] == 1 {
			at++
			continue
		}
		for i := at + 2; tcp[at] == 5 && i < at+int(tcp[at+1]); i += 4 {
			add32(tcp[i:], server)
		}
		at += int(tcp[at+1])
	}
}

// translated has the client be at another address and port.
func translated(ip, tcp []byte, up bool) {
	at, port := 16, 2
	if up {
		at, port = 12, 0
	}
	copy(ip[at:], []byte{192, 0, 2, ip[at+3]})
	tcp[port] ^= 0x10
}

// unmapped has MPTCP options be NOPs, and timestamps too if asked for.
func unmapped(tcp []byte, stamps bool) {
	for at := 20; at < int(tcp[12]>>4)*4 && tcp[at] != 0; {
		if tcp[at] == 1 {
			at++
			continue
		}
		n := int(tcp[at+1])
		if tcp[at] == 30 || stamps && tcp[at] == 8 {
			for i := range n {
				tcp[at+i] = 1
			}
		}
		at += n
	}
}

// TestMatching: flows are found whatever is changed about them, on the firmest ground
// there is, and the changes are named.
func TestMatching(t *testing.T) {
	t.Parallel()
	network := build(t, paths("", ""))
	files := both(t, network, func() { exchange(t, network, "10.0.1.2:4321", random(100_000)) })
	client, server := load(t, files[0]), load(t, files[1])
	for _, test := range []struct {
		name     string
		change   func(ip, tcp []byte, up bool)
		from     int // the first packets that are left out of the server's
		want     []string
		basis    []bothends.Basis
		subflows int
	}{
		{"nat", translated, 0, []string{"address_translated to_server"}, []bothends.Basis{bothends.ByStamps, bothends.ByStamps}, 2},
		{"nat midway", translated, 200, []string{"address_translated to_server"}, []bothends.Basis{bothends.ByStamps, bothends.ByStamps}, 2},
		{"shifted", func(_, tcp []byte, up bool) { shifted(tcp, up, 77, 1<<31+5) }, 0,
			[]string{"sequence_shifted to_client", "sequence_shifted to_server"}, []bothends.Basis{bothends.ByKeys, bothends.ByNonces}, 2},
		{"shifted and nat", func(ip, tcp []byte, up bool) { shifted(tcp, up, 77, 3); translated(ip, tcp, up) }, 0,
			[]string{"address_translated to_server", "sequence_shifted to_client", "sequence_shifted to_server"},
			[]bothends.Basis{bothends.ByKeys, bothends.ByNonces}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := compareLists(t, client, edit(server, test.change)[test.from:])
			if len(r.Subflows) != test.subflows || len(r.Unmatched) > 0 {
				t.Fatalf("%d subflows: %+v", len(r.Subflows), r.Unmatched)
			}
			for i := range r.Subflows {
				s := &r.Subflows[i]
				if got := found(s); !slices.Equal(got, test.want) || s.Basis != test.basis[i] || s.Weak {
					t.Errorf("%v by %q; want %v by %q", got, s.Basis, test.want, test.basis[i])
				}
				for _, w := range []bothends.Way{s.ToServer, s.ToClient} {
					if w.Lost.Packets+w.Extra.Packets > 0 || test.from == 0 && w.Sent != w.Arrived {
						t.Errorf("%+v", w)
					}
				}
			}
		})
	}
}

// TestWeakMatch: without addresses, numbers and options only the payload is left.
func TestWeakMatch(t *testing.T) {
	t.Parallel()
	a, b := newSimulation(10).run(300)
	hide := func(ip, tcp []byte, up bool) {
		shifted(tcp, up, 1001, 2002)
		translated(ip, tcp, up)
		unmapped(tcp, true)
	}
	r, err := bothends.Compare(t.Context(), &list{packets: a}, &list{packets: edit(b, hide)}, bothends.Options{TCP: true})
	must(t, err)
	if len(r.Subflows) != 1 || !r.Subflows[0].Weak || !strings.Contains(r.Subflows[0].Verdict, "by their payload only") {
		t.Fatalf("%+v", r)
	}
	if s := &r.Subflows[0]; s.ToServer.Lost.Packets > 0 || s.ToServer.Arrived != s.ToServer.Sent {
		t.Errorf("%+v", s)
	}
}
