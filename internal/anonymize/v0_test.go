package anonymize

import (
	"net/netip"
	"slices"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// script writes the packets of a connection by hand.
type script struct {
	packets []trace.Packet
	keys    [2]wire.Key
	version wire.Version
	seqs    map[[2]string]uint32
}

// send adds a segment between ends like "10.1.0.1:80".
func (s *script) send(from, to string, flags trace.TCPFlags, payload string, options ...[]byte) {
	src, dst := netip.MustParseAddrPort(from), netip.MustParseAddrPort(to)
	seq, known := s.seqs[[2]string{from, to}]
	if !known {
		seq = 0xfffffff0 + uint32(len(s.seqs)) // which wraps around
	}
	data := ethernetTCP(src.Addr().AsSlice(), dst.Addr().AsSlice(), src.Port(), dst.Port(), seq, s.seqs[[2]string{to, from}], flags,
		slices.Concat(options...), []byte(payload))
	next := seq + uint32(len(payload))
	if flags&(trace.SYN|trace.FIN) != 0 {
		next++
	}
	s.seqs[[2]string{from, to}] = next
	at := int64(1_700_000_000e9) + int64(len(s.packets))*1e6
	s.packets = append(s.packets, trace.Packet{Time: at, Length: len(data), Data: data})
}

func (s *script) capable(keys int, flags wire.CapableFlags) []byte {
	m := wire.MPCapable{Version: s.version, Flags: flags | wire.FlagH}
	switch keys {
	case 1:
		m.HasSenderKey, m.SenderKey = true, s.keys[client]
	case 2:
		m.HasSenderKey, m.SenderKey = true, s.keys[server]
	case 3:
		m.HasSenderKey, m.SenderKey, m.HasReceiverKey, m.ReceiverKey = true, s.keys[client], true, s.keys[server]
	}
	return wire.AppendMPCapable(nil, &m)
}

// dss maps a byte of a side's data, counted from 0, and acknowledges all before
// another of the other's.
func (s *script) dss(of side, at uint64, ssn uint32, payload string, acked uint64, wide, fin bool) []byte {
	m := wire.DSS{HasAck: true, Ack64: wide, DataAck: s.version.IDSN(s.keys[of.other()]) + 1 + acked}
	if payload != "" || fin {
		m.HasMap, m.DSN64, m.DSN, m.SSN, m.Length = true, wide, s.version.IDSN(s.keys[of])+1+at, ssn, uint16(len(payload))
		m.HasChecksum = true
		if fin {
			m.DataFIN, m.Length = true, m.Length+1
		}
		m.Checksum = wire.Checksum(m.DSN, m.SSN, m.Length, []byte(payload))
	}
	return wire.AppendDSS(nil, &m)
}

// whole is a connection of two subflows, with checksums, addresses announced, a fast
// close, and numbers of 32 bits if they are not wide.
func whole(version wire.Version, six, wide bool) *script {
	s := &script{version: version, keys: [2]wire.Key{0xa1b2c3d4e5f60718, 0x99aabbccddeeff01}, seqs: map[[2]string]uint32{}}
	c1, c2, at, more := "10.1.0.7:41000", "10.2.0.7:41002", "198.51.100.9:443", netip.MustParseAddr("198.51.101.10")
	if six {
		c1, c2, at, more = "[2001:db8:1::7]:41000", "[2001:db8:2::7]:41002", "[2001:db8:9::9]:443", netip.MustParseAddr("2001:db8:9::a")
	}
	const a, sa, ack = trace.SYN, trace.SYN | trace.ACK, trace.ACK
	first := 1
	if version != wire.V0 {
		first = 0
	}
	s.send(c1, at, a, "", s.capable(first, wire.ChecksumRequired))
	s.send(at, c1, sa, "", s.capable(2, wire.ChecksumRequired))
	s.send(c1, at, ack, "", s.capable(3, wire.ChecksumRequired))
	s.send(c1, at, ack, "GET / secret", s.dss(client, 0, 1, "GET / secret", 0, true, false))
	s.send(at, c1, ack, "answer", s.dss(server, 0, 1, "answer", 12, true, false))
	add := wire.AddAddr{Version: version, AddressID: 5, Addr: more, HasPort: true, Port: 8443}
	if version != wire.V0 {
		add.HasHMAC, add.HMAC = true, wire.AddAddrHMAC(s.keys[server], s.keys[client], 5, more, 8443)
	}
	s.send(at, c1, ack, "", wire.AppendAddAddr(nil, &add))
	s.join(c2, at)
	s.send(c2, at, ack, "more", s.dss(client, 12, 1, "more", 6, wide, false))
	s.send(at, c2, ack, "", s.dss(server, 0, 0, "", 16, wide, false))
	s.send(at, c2, ack, "", s.dss(server, 6, 0, "", 16, wide, true))
	s.send(c2, at, ack, "", wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 1, IDs: [37]uint8{3}}), wire.AppendMPPrio(nil, &wire.MPPrio{Backup: true}))
	s.send(c1, at, ack, "", s.dss(client, 16, 0, "", 7, wide, true))
	s.send(at, c1, ack, "", s.dss(server, 0, 0, "", 17, wide, false), wire.AppendMPFail(nil, &wire.MPFail{DSN: version.IDSN(s.keys[client]) + 1 + 12}))
	s.send(c1, at, ack, "", wire.AppendMPFastClose(nil, &wire.MPFastClose{Key: s.keys[server]}))
	return s
}

func (s *script) join(from, to string) {
	syn := wire.MPJoin{Form: wire.JoinSYN, AddressID: 3, Token: s.version.Token(s.keys[server]), Nonce: 0x0badcafe}
	answer := wire.MPJoin{Form: wire.JoinSYNACK, Nonce: 0x1337f00d, HMAC: s.version.JoinHMAC(s.keys[server], s.keys[client], 0x1337f00d, 0x0badcafe)}
	clear(answer.HMAC[8:])
	third := wire.MPJoin{Form: wire.JoinACK, HMAC: s.version.JoinHMAC(s.keys[client], s.keys[server], 0x0badcafe, 0x1337f00d)}
	s.send(from, to, trace.SYN, "", wire.AppendMPJoin(nil, &syn))
	s.send(to, from, trace.SYN|trace.ACK, "", wire.AppendMPJoin(nil, &answer))
	s.send(from, to, trace.ACK, "", wire.AppendMPJoin(nil, &third))
}

// TestVersions has both versions, with IPv4 and IPv6, and numbers of 64 and 32 bits:
// what is found without payload is the same.
func TestVersions(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		for form := range 4 {
			s := whole(version, form&1 != 0, form&2 != 0)
			r := testRewriter(t, "versions", Options{})
			out := rewriteAll(t, r, s.packets)
			found := report(s.packets, 1)
			if len(found.Connections) != 1 || len(found.Connections[0].Subflows) != 2 || !*found.Connections[0].Subflows[1].Verified {
				t.Fatalf("%v %d: the script is wrong: %+v", version, form, found.Verdict)
			}
			sameReport(t, r, report(cutPayload(t, s.packets), 1), report(out, 1), 0)
			if found := leaks(mustRead(t, fileOf(t, out, []trace.Interface{{LinkType: 1}})), clues(t, s.packets)); len(found) > 0 {
				t.Errorf("%v %d: %q", version, form, found)
			}
			before, after := checkOf(found, "checksum"), checkOf(report(out, 1), "checksum")
			if before != trace.OK || after != trace.Unknown {
				t.Errorf("%v %d: checksums were %v and are %v", version, form, before, after)
			}
		}
	}
}

func checkOf(r *trace.Report, name string) trace.Status {
	for _, check := range r.Connections[0].Checks {
		if check.Name == name {
			return check.Status
		}
	}
	return ""
}

// TestVersionsAltered: of both versions, whatever is wrong in MPTCP options is as
// wrong afterwards.
func TestVersionsAltered(t *testing.T) {
	step := 41
	if testing.Short() {
		step = 61
	}
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		s := whole(version, true, false)
		packets := cutPayload(t, s.packets)
		for i := range packets {
			var segment trace.Segment
			if err := segment.Decode(&packets[i]); err != nil {
				t.Fatal(err)
			}
			for bit := i % step; bit < len(segment.Options)*8; bit += step {
				altered := slices.Clone(packets)
				altered[i].Data = slices.Clone(packets[i].Data)
				altered[i].Data[len(packets[i].Data)-len(segment.Options)+bit/8] ^= 1 << (bit % 8)
				r := testRewriter(t, "altered", Options{})
				before, after := report(altered, 1), report(rewriteAll(t, r, altered), 1)
				if difference := reportDifference(t, r, before, after, 0, true); difference != "" {
					t.Fatalf("%v, packet %d, bit %d:\n%s", version, i+1, bit, difference)
				}
			}
		}
	}
}

// TestMidway: of connections whose start is not in the capture, what belongs together
// is found as before.
func TestMidway(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		all := whole(version, false, true).packets
		for from := range len(all) {
			r := testRewriter(t, "midway", Options{})
			packets := cutPayload(t, all[from:])
			out := rewriteAll(t, r, packets)
			if difference := reportDifference(t, r, report(packets, 1), report(out, 1), 0, true); difference != "" {
				t.Fatalf("%v from packet %d:\n%s", version, from+1, difference)
			}
		}
	}
}
