package oracle_test

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// old is a connection of version 0 (RFC 6824), which Linux does not speak: its packets
// are written step by step. The HMACs, tokens and first numbers are of SHA-1.
type old struct {
	packets []trace.Packet
	keys    [2]wire.Key
	flows   [2]oldFlow
}

// oldFlow is a subflow: its ends, and the next numbers of each.
type oldFlow struct {
	ends [2]netip.AddrPort
	next [2]uint32
	isn  [2]uint32
}

func (o *old) base(side int) uint64 { return wire.V0.IDSN(o.keys[side]) + 1 }

// send sends a segment from one side on a subflow.
func (o *old) send(flow, from int, flags trace.TCPFlags, options, payload []byte) {
	f := &o.flows[flow]
	for len(options)%4 != 0 {
		options = append(options, 1) // NOP
	}
	tcp := binary.BigEndian.AppendUint16(nil, f.ends[from].Port())
	tcp = binary.BigEndian.AppendUint16(tcp, f.ends[1-from].Port())
	tcp = binary.BigEndian.AppendUint32(tcp, f.next[from])
	ack := f.next[1-from]
	if flags&trace.ACK == 0 {
		ack = 0
	}
	tcp = binary.BigEndian.AppendUint32(tcp, ack)
	tcp = append(tcp, byte((20+len(options))/4<<4), byte(flags), 0x40, 0, 0, 0, 0, 0)
	tcp = append(append(tcp, options...), payload...)
	packet := append(ipHeader(f.ends[from].Addr(), f.ends[1-from].Addr(), len(tcp)), tcp...)
	o.packets = append(o.packets, trace.Packet{
		Time: int64(len(o.packets)+1) * 1e6, Interface: flow, Link: trace.Raw, Length: len(packet), Data: packet,
	})
	f.next[from] += uint32(len(payload))
	if flags&(trace.SYN|trace.FIN) != 0 {
		f.next[from]++
	}
}

func ipHeader(from, to netip.Addr, length int) []byte {
	if from.Is6() {
		header := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(length))
		return append(append(append(header, 6, 64), from.AsSlice()...), to.AsSlice()...)
	}
	header := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+length))
	header = append(header, 0, 0, 0, 0, 64, 6, 0, 0)
	return append(append(header, from.AsSlice()...), to.AsSlice()...)
}

// opens is the handshake of the first subflow: the client's key is in its SYN.
func (o *old) opens(flags wire.CapableFlags) {
	capable := wire.MPCapable{Version: wire.V0, Flags: flags, HasSenderKey: true, SenderKey: o.keys[client]}
	o.send(0, client, trace.SYN, wire.AppendMPCapable(nil, &capable), nil)
	answer := capable
	answer.SenderKey = o.keys[server]
	o.send(0, server, trace.SYN|trace.ACK, wire.AppendMPCapable(nil, &answer), nil)
	capable.HasReceiverKey, capable.ReceiverKey = true, o.keys[server]
	o.send(0, client, trace.ACK, wire.AppendMPCapable(nil, &capable), nil)
}

// joined is the handshake of the second, by the client.
func (o *old) joined() {
	const nonceA, nonceB = 0x01020304, 0xa0b0c0d0
	syn := wire.MPJoin{Form: wire.JoinSYN, AddressID: 1, Backup: true, Token: wire.V0.Token(o.keys[server]), Nonce: nonceA}
	answer := wire.MPJoin{Form: wire.JoinSYNACK, AddressID: 4, Nonce: nonceB}
	full := wire.V0.JoinHMAC(o.keys[server], o.keys[client], nonceB, nonceA)
	copy(answer.HMAC[:8], full[:])
	ack := wire.MPJoin{Form: wire.JoinACK, HMAC: wire.V0.JoinHMAC(o.keys[client], o.keys[server], nonceA, nonceB)}
	o.send(1, client, trace.SYN, wire.AppendMPJoin(nil, &syn), nil)
	o.send(1, server, trace.SYN|trace.ACK, wire.AppendMPJoin(nil, &answer), nil)
	o.send(1, client, trace.ACK, wire.AppendMPJoin(nil, &ack), nil)
}

// data sends a part of a side's stream on a subflow, and has it acknowledged.
func (o *old) data(flow, from int, offset uint64, text string) {
	f := &o.flows[flow]
	dss := wire.DSS{
		HasMap: true, DSN64: true, DSN: o.base(from) + offset, SSN: f.next[from] - f.isn[from], Length: uint16(len(text)),
		HasChecksum: true,
	}
	dss.Checksum = wire.Checksum(dss.DSN, dss.SSN, dss.Length, []byte(text))
	o.send(flow, from, trace.PSH|trace.ACK, wire.AppendDSS(nil, &dss), []byte(text))
	ack := wire.DSS{HasAck: true, Ack64: true, DataAck: dss.DSN + uint64(len(text))}
	o.send(flow, 1-from, trace.ACK, wire.AppendDSS(nil, &ack), nil)
}

// ends ends a side's stream, which has so many bytes.
func (o *old) ends(from int, bytes uint64) {
	fin := wire.DSS{HasMap: true, DSN64: true, DSN: o.base(from) + bytes, Length: 1, DataFIN: true, HasChecksum: true}
	fin.Checksum = wire.Checksum(fin.DSN, 0, 1)
	o.send(0, from, trace.ACK, wire.AppendDSS(nil, &fin), nil)
	o.send(0, 1-from, trace.ACK, wire.AppendDSS(nil, &wire.DSS{HasAck: true, Ack64: true, DataAck: fin.DSN + 1}), nil)
}

// closed ends both subflows.
func (o *old) closed() {
	for flow := range o.flows {
		o.send(flow, client, trace.FIN|trace.ACK, nil, nil)
		o.send(flow, server, trace.FIN|trace.ACK, nil, nil)
		o.send(flow, client, trace.ACK, nil, nil)
	}
}

// oldConnection is a whole one, with all options that differ from version 1.
func oldConnection(six bool) *old {
	o := &old{keys: [2]wire.Key{0x1122334455667788, 0x99aabbccddeeff01}}
	for flow := range o.flows {
		f := &o.flows[flow]
		f.ends = [2]netip.AddrPort{
			netip.AddrPortFrom(address(flow, client, six), uint16(50_000+flow)),
			netip.AddrPortFrom(address(0, server, six), port),
		}
		f.next = [2]uint32{0xfffffff0 + uint32(flow), 0x7fffffff}
		f.isn = f.next
	}
	o.opens(wire.FlagH | wire.ChecksumRequired)
	o.data(0, client, 0, "hello")
	o.data(0, server, 0, "well, hello")
	for id, at := range []string{"10.88.2.2", "fd00:2::2"} {
		add := wire.AddAddr{Version: wire.V0, AddressID: uint8(4 + id), Addr: netip.MustParseAddr(at)}
		o.send(0, server, trace.ACK, wire.AppendAddAddr(nil, &add), nil)
		add.AddressID, add.HasPort, add.Port = uint8(6+id), true, 5555
		o.send(0, server, trace.ACK, wire.AppendAddAddr(nil, &add), nil)
	}
	o.joined()
	o.data(1, client, 5, " again")
	o.data(1, server, 11, " to you")
	o.send(1, client, trace.ACK, wire.AppendMPPrio(nil, &wire.MPPrio{Backup: false, HasAddressID: true, AddressID: 1}), nil)
	o.send(0, server, trace.ACK, wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 2, IDs: [37]uint8{5, 6}}), nil)
	o.ends(client, 11)
	o.ends(server, 18)
	o.closed()
	return o
}

// file is the packets as a pcap file of raw IP.
func (o *old) file() []byte {
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // nanoseconds
	for _, word := range []uint32{0x00040002, 0, 0, 1 << 18, 101} {
		file = binary.LittleEndian.AppendUint32(file, word)
	}
	for _, p := range o.packets {
		for _, word := range []uint32{uint32(p.Time / 1e9), uint32(p.Time % 1e9), uint32(len(p.Data)), uint32(p.Length)} {
			file = binary.LittleEndian.AppendUint32(file, word)
		}
		file = append(file, p.Data...)
	}
	return file
}

// TestOldVersion analyzes connections of version 0.
func TestOldVersion(t *testing.T) {
	for _, six := range []bool{false, true} {
		o := oldConnection(six)
		r := analyze([]string{"path1", "path2"}, o.packets)
		if got, want := r.Verdict.String(), "PROVEN: 1 connection, 2 subflows over 2 paths"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		c := &r.Connections[0]
		if c.Version == nil || *c.Version != wire.V0 || c.ToServer.Bytes != 11 || c.ToClient.Bytes != 18 {
			t.Errorf("%+v", c)
		}
		for side, key := range c.Keys {
			token, idsn := wire.V0.Derive(o.keys[side])
			if key.Key != o.keys[side] || key.Token != token || key.IDSN != idsn {
				t.Errorf("%+v", key)
			}
		}
		if second := &c.Subflows[1]; second.ClientID != 1 || second.ServerID != 4 || !second.Backup {
			t.Errorf("%+v", second)
		}
		if n := events(r, trace.EventAddAddr, "server"); n != 4 {
			t.Errorf("%d addresses announced", n)
		}
	}
}

// TestOldVersionLikeTshark compares each option of version 0, and what tshark finds out
// of keys by SHA-1.
func TestOldVersionLikeTshark(t *testing.T) {
	for _, six := range []bool{false, true} {
		o := oldConnection(six)
		lines := tshark(t, o.file(), append(append([]string{}, fields...), streamFields...))
		if len(lines) != len(o.packets) {
			t.Fatalf("tshark sees %d packets of %d", len(lines), len(o.packets))
		}
		r := &recording{scene: &scene{name: "version 0"}, report: analyze([]string{"path1", "path2"}, o.packets)}
		known, placed, tokens := flowsOf(r.report), 0, 0
		for i := range o.packets {
			want := describe(t, &o.packets[i])
			for _, field := range fields {
				if ours, theirs := strings.Join(want[field], " "), strings.Join(lines[i][field], " "); ours != theirs {
					t.Errorf("packet %d: %s is %q, %q by tshark", i+1, field, ours, theirs)
				}
			}
			var s trace.Segment
			if err := s.Decode(&o.packets[i]); err != nil {
				t.Fatal(err)
			}
			at := known[[2]netip.AddrPort{s.Src, s.Dst}]
			placed += r.samePlace(t, i, &at, lines[i])
			tokens += len(lines[i]["mptcp.expected_token"])
			if stream := one(lines[i]["mptcp.stream"]); stream != "0" && stream != "" {
				t.Errorf("packet %d is of connection %s by tshark", i+1, stream)
			}
		}
		if placed < 4 || tokens < 2 {
			t.Errorf("%d mappings and %d tokens compared", placed, tokens)
		}
	}
}

// TestOldVersionAltered alters each bit of what the handshakes of version 0 prove.
func TestOldVersionAltered(t *testing.T) {
	o, tried := oldConnection(false), 0
	for number := range o.packets {
		eachOption(&o.packets[number], func(option wire.Option) {
			if kind := option.Subtype(); kind != wire.SubtypeMPCapable && kind != wire.SubtypeMPJoin {
				return
			}
			for bit := 4 * 8; bit < len(option)*8; bit++ {
				tried++
				option[bit/8] ^= 0x80 >> (bit % 8)
				verdict := analyze([]string{"path1", "path2"}, o.packets).Verdict
				if verdict.Proven {
					t.Errorf("packet %d, %v, bit %d altered: %s", number+1, option, bit, verdict)
				}
				option[bit/8] ^= 0x80 >> (bit % 8)
			}
		})
	}
	if tried < 500 {
		t.Errorf("%d bits altered", tried)
	}
}
