package trace_test

import (
	"math"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// session is a connection of two subflows, red and blue, whose packets a test
// writes step by step. Initial sequence numbers are chosen so that everything
// wraps around that can.
type session struct {
	script
	version    wire.Version
	keys       [2]wire.Key // the client's, the server's
	red, blue  [2]netip.AddrPort
	redISN     [2]uint32
	blueISN    [2]uint32
	fromServer bool // the server opens blue
	checksums  bool
	silent     bool         // nobody acknowledges data at the TCP level
	next       [2][2]uint32 // by path and side: the relative number behind what was sent
}

func newSession(version wire.Version, six bool) *session {
	s := &session{
		version: version, keys: [2]wire.Key{0x0123456789abcdef, 0xfedcba9876543210},
		redISN:  [2]uint32{math.MaxUint32 - 5, 7},
		blueISN: [2]uint32{math.MaxUint32, math.MaxUint32 - 1},
	}
	names := []string{"10.0.0.2:40000", "10.0.0.1:4321", "192.168.0.2:50000", "10.0.0.1:4321"}
	if six {
		names = []string{"[fd00::2]:40000", "[fd00::1]:4321", "[fd01::2]:50000", "[fd00::1]:4321"}
	}
	for i := range 2 {
		s.red[i], s.blue[i] = netip.MustParseAddrPort(names[i]), netip.MustParseAddrPort(names[2+i])
	}
	return s
}

// base is the data sequence number of the first byte that a side sends.
func (s *session) base(side int) uint64 { return s.version.IDSN(s.keys[side]) + 1 }

func (s *session) capableFlags() wire.CapableFlags {
	if s.checksums {
		return wire.FlagH | wire.ChecksumRequired
	}
	return wire.FlagH
}

// openRed is the handshake of the initial subflow.
func (s *session) openRed() {
	capable := wire.MPCapable{Version: s.version, Flags: s.capableFlags()}
	syn, synAck, ack := capable, capable, capable
	syn.HasSenderKey, syn.SenderKey = s.version == wire.V0, s.keys[0]
	synAck.HasSenderKey, synAck.SenderKey = true, s.keys[1]
	ack.HasSenderKey, ack.HasReceiverKey, ack.SenderKey, ack.ReceiverKey = true, true, s.keys[0], s.keys[1]
	s.iface = 0
	s.send(s.red[0], s.red[1], s.redISN[0], 0, trace.SYN, wire.AppendMPCapable(nil, &syn), nil)
	s.send(s.red[1], s.red[0], s.redISN[1], s.redISN[0]+1, trace.SYN|trace.ACK, wire.AppendMPCapable(nil, &synAck), nil)
	s.send(s.red[0], s.red[1], s.redISN[0]+1, s.redISN[1]+1, trace.ACK, wire.AppendMPCapable(nil, &ack), nil)
}

// openBlue is the handshake of the subflow that joins.
func (s *session) openBlue() {
	opener, ends, isn := 0, s.blue, s.blueISN
	if s.fromServer {
		opener, ends = 1, [2]netip.AddrPort{s.blue[1], s.blue[0]}
	}
	local, remote := s.keys[opener], s.keys[1-opener]
	const nonceA, nonceB = 0x11223344, 0x55667788
	syn := wire.MPJoin{Form: wire.JoinSYN, AddressID: 1, Token: s.version.Token(remote), Nonce: nonceA}
	synAck := wire.MPJoin{Form: wire.JoinSYNACK, AddressID: 2, Nonce: nonceB}
	full := s.version.JoinHMAC(remote, local, nonceB, nonceA)
	copy(synAck.HMAC[:8], full[:8])
	ack := wire.MPJoin{Form: wire.JoinACK, HMAC: s.version.JoinHMAC(local, remote, nonceA, nonceB)}
	s.iface = 1
	s.send(ends[0], ends[1], isn[0], 0, trace.SYN, wire.AppendMPJoin(nil, &syn), nil)
	s.send(ends[1], ends[0], isn[1], isn[0]+1, trace.SYN|trace.ACK, wire.AppendMPJoin(nil, &synAck), nil)
	s.send(ends[0], ends[1], isn[0]+1, isn[1]+1, trace.ACK, wire.AppendMPJoin(nil, &ack), nil)
}

// data sends a part of a side's stream on a path: bytes at a stream offset, at
// a relative number of the subflow.
func (s *session) data(path, side int, ssn uint32, offset uint64, payload string) {
	dss := wire.DSS{
		HasMap: true, DSN64: true, DSN: s.base(side) + offset, SSN: ssn, Length: uint16(len(payload)),
		HasChecksum: s.checksums,
	}
	if s.checksums {
		dss.Checksum = wire.Checksum(dss.DSN, ssn, dss.Length, []byte(payload))
	}
	s.sendDSS(path, side, ssn, &dss, payload)
}

func (s *session) sendDSS(path, side int, ssn uint32, dss *wire.DSS, payload string) {
	ends, isn, from := s.red, s.redISN, side
	if path == 1 {
		ends, isn = s.blue, s.blueISN
	}
	numbers := isn
	if path == 1 && s.fromServer {
		numbers = [2]uint32{isn[1], isn[0]}
	}
	s.iface = path
	s.send(ends[from], ends[1-from], numbers[from]+ssn, 0, trace.PSH, wire.AppendDSS(nil, dss), []byte(payload))
	s.next[path][side] = max(s.next[path][side], ssn+uint32(len(payload)))
	if payload != "" && !s.silent {
		s.send(ends[1-from], ends[from], numbers[1-from]+max(s.next[path][1-from], 1), numbers[from]+s.next[path][side], trace.ACK, nil, nil)
	}
}

// close ends a subflow with a FIN each way.
func (s *session) close(path int) {
	ends, isn := s.red, s.redISN
	if path == 1 {
		ends, isn = s.blue, s.blueISN
		if s.fromServer {
			isn = [2]uint32{isn[1], isn[0]}
		}
	}
	var at [2]uint32
	for side := range 2 {
		at[side] = isn[side] + max(s.next[path][side], 1)
	}
	s.iface = path
	s.send(ends[0], ends[1], at[0], at[1], trace.FIN|trace.ACK, nil, nil)
	s.send(ends[1], ends[0], at[1], at[0]+1, trace.FIN|trace.ACK, nil, nil)
	s.send(ends[0], ends[1], at[0]+1, at[1]+1, trace.ACK, nil, nil)
}

// finish ends both streams after so many bytes, and acknowledges them.
func (s *session) finish(sent [2]uint64) {
	for side := range 2 {
		fin := wire.DSS{
			HasMap: true, DSN64: true, DSN: s.base(side) + sent[side], Length: 1, DataFIN: true, HasChecksum: s.checksums,
		}
		fin.Checksum = wire.Checksum(fin.DSN, 0, 1)
		s.sendDSS(0, side, 1, &fin, "")
		s.sendDSS(0, 1-side, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(side) + sent[side] + 1}, "")
	}
}

func (s *session) report(t *testing.T) *trace.Report {
	t.Helper()
	return analyze(s.packets)
}

func wantProven(t *testing.T, r *trace.Report) {
	t.Helper()
	if got, want := r.Verdict.String(), "PROVEN: 1 connection, 2 subflows over 2 paths"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func wantObjection(t *testing.T, r *trace.Report, part string) {
	t.Helper()
	if r.Verdict.Proven || !strings.Contains(r.Verdict.String(), part) {
		t.Errorf("%s, want an objection with %q", r.Verdict, part)
	}
}

// open is a session with both subflows there.
func open(version wire.Version, six bool) *session {
	s := newSession(version, six)
	s.openRed()
	s.openBlue()
	return s
}

func TestBothVersionsAndFamilies(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		for _, six := range []bool{false, true} {
			for _, fromServer := range []bool{false, true} {
				s := newSession(version, six)
				s.fromServer = fromServer
				s.openRed()
				s.openBlue()
				s.data(0, 0, 1, 0, "hello ")
				s.data(1, 0, 1, 6, "world")
				s.data(1, 1, 1, 0, "back")
				s.finish([2]uint64{11, 4})
				r := s.report(t)
				wantProven(t, r)
				conn := r.Connections[0]
				if *conn.Version != version || conn.ToServer.Bytes != 11 || conn.ToClient.Bytes != 4 {
					t.Errorf("%+v", conn)
				}
				blue := conn.Subflows[1]
				if blue.Client != s.blue[0] || blue.Server != s.blue[1] || (blue.OpenedBy == "server") != fromServer {
					t.Errorf("subflow 2 is %+v", blue)
				}
				ids := [2]uint8{1, 2}
				if fromServer {
					ids = [2]uint8{2, 1}
				}
				if blue.ClientID != ids[0] || blue.ServerID != ids[1] || blue.ToServer.Bytes != 5 || blue.ToClient.Bytes != 4 {
					t.Errorf("subflow 2 is %+v", blue)
				}
			}
		}
	}
}

func TestSentAgain(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(0, 0, 1, 0, "hello ") // by TCP
	s.data(1, 0, 1, 0, "hello ") // by MPTCP, on the other subflow
	s.data(1, 0, 7, 6, "world")
	s.data(0, 0, 7, 6, "world")
	s.finish([2]uint64{11, 0})
	r := s.report(t)
	wantProven(t, r)
	red, blue := r.Connections[0].Subflows[0].ToServer, r.Connections[0].Subflows[1].ToServer
	if red.Bytes != 6 || red.Retransmitted != 6 || red.Reinjected != 5 || blue.Bytes != 5 || blue.Reinjected != 6 {
		t.Errorf("red %+v, blue %+v", red, blue)
	}
}

func TestOutOfOrder(t *testing.T) {
	s := open(wire.V1, false)
	s.data(1, 0, 1, 6, "world")
	s.data(0, 0, 4, 3, "lo ")
	s.data(0, 0, 1, 0, "hel")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
}

// TestMappingAfterData sends a mapping that covers two segments on the second.
func TestMappingAfterData(t *testing.T) {
	s := open(wire.V1, false)
	s.sendDSS(0, 0, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(1)}, "hel")
	s.sendDSS(0, 0, 4, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0), SSN: 1, Length: 6}, "lo ")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
}

func TestNarrowNumbers(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.sendDSS(1, 0, 1, &wire.DSS{HasMap: true, DSN: uint64(uint32(s.base(0) + 6)), SSN: 1, Length: 5}, "world")
	s.sendDSS(1, 1, 1, &wire.DSS{HasAck: true, DataAck: uint64(uint32(s.base(0) + 11))}, "")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
}

func TestChecksums(t *testing.T) {
	for _, spoilt := range []bool{false, true} {
		s := newSession(wire.V1, false)
		s.checksums = true
		s.openRed()
		s.openBlue()
		s.data(0, 0, 1, 0, "hello ")
		if spoilt {
			last := s.packets[len(s.packets)-2].Data // behind it is its ACK
			last[len(last)-1] ^= 1
		}
		s.data(1, 0, 1, 6, "world")
		s.finish([2]uint64{11, 0})
		if r := s.report(t); spoilt {
			wantObjection(t, r, "checksum is bad: 3 right, 1 wrong")
		} else {
			wantProven(t, r)
		}
	}
}

func TestObjections(t *testing.T) {
	cases := []struct {
		name, objection string
		write           func(s *session)
	}{
		{"hole", "5 bytes from stream offset 6 were not seen", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 11, "again")
			s.finish([2]uint64{16, 0})
		}},
		{"no mapping", "6 bytes from subflow byte 1 have no mapping", func(s *session) {
			s.sendDSS(0, 0, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(1)}, "hello ")
			s.data(1, 0, 1, 0, "world")
			s.finish([2]uint64{5, 0})
		}},
		{"mapped twice", "clashes with", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(0, 0, 4, 9, "lo ")
			s.data(1, 0, 1, 6, "wor")
			s.finish([2]uint64{12, 0})
		}},
		{"other bytes in the same place", "differ from those sent before", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 0, "hallo ")
			s.data(1, 0, 7, 6, "world")
			s.finish([2]uint64{11, 0})
		}},
		{"other bytes retransmitted", "differ from those sent before", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(0, 0, 1, 0, "hallo ")
			s.data(1, 0, 1, 6, "world")
			s.finish([2]uint64{11, 0})
		}},
		{"acknowledged too much", "of which only 11 bytes were seen", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			s.sendDSS(0, 1, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(0) + 12}, "")
			s.finish([2]uint64{11, 0})
		}},
		{"not acknowledged", "the server was seen to acknowledge 0 of 11 bytes", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			s.sendDSS(0, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 11, Length: 1, DataFIN: true}, "")
		}},
		{"two ends", "DATA_FIN at 11 and at 12", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			s.finish([2]uint64{11, 0})
			s.sendDSS(0, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 12, Length: 1, DataFIN: true}, "")
		}},
		{"no end", "no DATA_FIN of the client was seen", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
		}},
		{"wrong first number", "idsn_to_server is bad", func(s *session) {
			for path, offset := range []uint64{0, 6} {
				s.sendDSS(path, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: 1<<62 + offset, SSN: 1, Length: 6}, "hello ")
			}
		}},
		{"before the first byte", "no byte is there", func(s *session) {
			s.sendDSS(1, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) - 4, SSN: 1, Length: 10}, "0123456789")
			s.data(0, 0, 1, 0, "hello ")
			s.finish([2]uint64{6, 0})
		}},
		{"another token in a SYN sent again", "the option of the SYN was sent again, but is another", func(s *session) {
			join := wire.MPJoin{Form: wire.JoinSYN, AddressID: 1, Token: 1, Nonce: 0x11223344}
			s.iface = 1
			s.send(s.blue[0], s.blue[1], s.blueISN[0], 0, trace.SYN, wire.AppendMPJoin(nil, &join), nil)
		}},
		{"another HMAC in a SYN/ACK sent again", "the option of the SYN/ACK was sent again", func(s *session) {
			join := wire.MPJoin{Form: wire.JoinSYNACK, AddressID: 2, Nonce: 0x55667788}
			s.iface = 1
			s.send(s.blue[1], s.blue[0], s.blueISN[1], 0, trace.SYN|trace.ACK, wire.AppendMPJoin(nil, &join), nil)
		}},
		{"another HMAC in an ACK sent again", "the option of the ACK was sent again", func(s *session) {
			join := wire.MPJoin{Form: wire.JoinACK}
			s.iface = 1
			s.send(s.blue[0], s.blue[1], s.blueISN[0]+1, 0, trace.ACK, wire.AppendMPJoin(nil, &join), nil)
		}},
		{"MP_JOIN on the initial subflow", "MP_JOIN on the initial subflow", func(s *session) {
			join := wire.MPJoin{Form: wire.JoinACK}
			s.send(s.red[0], s.red[1], 1, 0, trace.ACK, wire.AppendMPJoin(nil, &join), nil)
		}},
		{"MP_CAPABLE on another subflow", "MP_CAPABLE on a subflow that joined", func(s *session) {
			capable := wire.MPCapable{Version: wire.V1, Flags: wire.FlagH, HasSenderKey: true, SenderKey: s.keys[0]}
			s.send(s.blue[0], s.blue[1], 1, 0, trace.ACK, wire.AppendMPCapable(nil, &capable), nil)
		}},
		{"a key of the server off its SYN/ACK", "MP_CAPABLE where it has no place", func(s *session) {
			capable := wire.MPCapable{Version: wire.V1, Flags: wire.FlagH, HasSenderKey: true, SenderKey: s.keys[1]}
			s.send(s.red[1], s.red[0], 1, 0, trace.ACK, wire.AppendMPCapable(nil, &capable), nil)
		}},
		{"false ADD_ADDR", "the HMAC of an ADD_ADDR", func(s *session) {
			add := wire.AddAddr{Version: wire.V1, AddressID: 9, Addr: netip.MustParseAddr("10.9.9.9"), HasHMAC: true}
			s.send(s.red[1], s.red[0], 1, 0, trace.ACK, wire.AppendAddAddr(nil, &add), nil)
		}},
		{"another key in a SYN sent again", "the option of the SYN was sent again", func(s *session) {
			capable := wire.MPCapable{Version: wire.V1, Flags: wire.FlagH | wire.ChecksumRequired}
			s.send(s.red[0], s.red[1], s.redISN[0], 0, trace.SYN, wire.AppendMPCapable(nil, &capable), nil)
		}},
		{"another version in a SYN/ACK sent again", "the option of the SYN/ACK was sent again", func(s *session) {
			capable := wire.MPCapable{Version: wire.V0, Flags: wire.FlagH, HasSenderKey: true, SenderKey: s.keys[1]}
			s.send(s.red[1], s.red[0], s.redISN[1], 0, trace.SYN|trace.ACK, wire.AppendMPCapable(nil, &capable), nil)
		}},
		{"another number in a SYN/ACK", "a SYN/ACK with another number", func(s *session) {
			s.send(s.red[1], s.red[0], s.redISN[1]+1, 0, trace.SYN|trace.ACK, nil, nil)
		}},
		{"data behind a FIN", "5 bytes are behind the FIN at subflow byte 1", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.iface = 1
			s.send(s.blue[0], s.blue[1], s.blueISN[0]+1, 0, trace.FIN, nil, nil)
			s.data(1, 0, 1, 6, "world")
			s.finish([2]uint64{11, 0})
		}},
		{"data in a reset", "has delivered data on 1 path only", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.finish([2]uint64{6, 0})
			s.iface = 1
			s.send(s.blue[0], s.blue[1], s.blueISN[0]+1, 0, trace.RST, nil, []byte("world"))
		}},
		{"malformed MP_JOIN in a SYN", "handshake or late packet of no connection here", func(s *session) {
			s.send(netip.MustParseAddrPort("10.9.9.9:1"), s.red[1], 1, 0, trace.SYN, []byte{30, 10, 0x10, 1, 0, 0, 0, 0, 0, 0}, nil)
		}},
		{"two options in a SYN", "handshake or late packet of no connection here", func(s *session) {
			both := wire.AppendMPCapable(nil, &wire.MPCapable{Version: wire.V1, Flags: wire.FlagH})
			both = wire.AppendMPJoin(both, &wire.MPJoin{Form: wire.JoinSYN, Token: 0xdeadbeef})
			s.send(netip.MustParseAddrPort("10.9.9.9:1"), s.red[1], 1, 0, trace.SYN, both, nil)
		}},
		{"ADD_ADDR of the other version", "an ADD_ADDR of version v0", func(s *session) {
			add := wire.AddAddr{Version: wire.V0, AddressID: 9, Addr: netip.MustParseAddr("10.9.9.9")}
			s.send(s.red[1], s.red[0], 1, 0, trace.ACK, wire.AppendAddAddr(nil, &add), nil)
		}},
		{"MP_FAIL", "spoilt on the way: MP_FAIL by the server", func(s *session) {
			s.send(s.red[1], s.red[0], 1, 0, trace.ACK, wire.AppendMPFail(nil, &wire.MPFail{DSN: 1}), nil)
		}},
		{"two FINs", "a FIN at subflow byte", func(s *session) {
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			for _, at := range []uint32{7, 9} {
				s.iface = 0
				s.send(s.red[0], s.red[1], s.redISN[0]+at, 0, trace.FIN, nil, nil)
			}
			s.finish([2]uint64{11, 0})
		}},
		{"data on one path", "has delivered data on 1 path only", func(s *session) {
			s.data(0, 0, 1, 0, "hello world")
			s.finish([2]uint64{11, 0})
		}},
		{"infinite mapping", "fell back to TCP", func(s *session) {
			s.sendDSS(0, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0), SSN: 1}, "hello")
		}},
		{"fast close", "cut short: MP_FASTCLOSE by the client", func(s *session) {
			s.send(s.red[0], s.red[1], 1, 1, trace.ACK, wire.AppendMPFastClose(nil, &wire.MPFastClose{Key: s.keys[1]}), nil)
		}},
		{"reset", "middlebox interference", func(s *session) {
			s.iface = 1
			s.send(s.blue[1], s.blue[0], 1, 1, trace.RST, wire.AppendMPTCPRst(nil, &wire.MPTCPRst{Reason: 6}), nil)
		}},
		{"orphan", "is of no connection here", func(s *session) {
			join := wire.MPJoin{Form: wire.JoinSYN, Token: 0xdeadbeef}
			s.send(netip.MustParseAddrPort("10.9.9.9:1"), s.red[1], 1, 0, trace.SYN, wire.AppendMPJoin(nil, &join), nil)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := open(wire.V1, false)
			c.write(s)
			wantObjection(t, s.report(t), c.objection)
		})
	}
}

func TestNothing(t *testing.T) {
	wantObjection(t, analyze(nil), "no MPTCP connection was seen")
}

// TestPlainTCP: a server that does not know MPTCP answers without it.
func TestPlainTCP(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	for i := range s.packets[1:] {
		p := &s.packets[1+i]
		var segment trace.Segment
		if err := segment.Decode(p); err != nil {
			t.Fatal(err)
		}
		for j := range segment.Options {
			segment.Options[j] = 1
		}
	}
	wantObjection(t, s.report(t), "no MP_CAPABLE in the SYN/ACK")
}

// TestAddressesUsedAgain opens a second connection on the same addresses and
// ports as the first.
func TestAddressesUsedAgain(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	s.close(0)
	s.close(1)
	analyzer := trace.New(redBlue)
	for i := range s.packets {
		analyzer.Add(&s.packets[i])
	}
	if n := analyzer.Open(); n != 0 {
		t.Errorf("%d subflows are open when all are closed", n)
	}
	s.keys = [2]wire.Key{1, 2}
	s.redISN, s.blueISN = [2]uint32{1000, 2000}, [2]uint32{3000, 4000}
	s.next = [2][2]uint32{}
	s.openRed()
	s.openBlue()
	s.data(0, 0, 1, 0, "hello")
	s.data(1, 0, 1, 5, "!")
	s.finish([2]uint64{6, 0})
	r := s.report(t)
	if got, want := r.Verdict.String(), "PROVEN: 2 connections, 4 subflows over 2 paths"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestResetAfterTheEnd: a host that has closed answers what comes late with a
// reset, which spoils nothing.
func TestResetAfterTheEnd(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	s.iface = 1
	s.send(s.blue[1], s.blue[0], 1, 1, trace.RST, nil, nil)
	wantProven(t, s.report(t))
}

// TestGivenUp: what a mapping promised comes on the other subflow, since this
// one has died.
func TestGivenUp(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.sendDSS(1, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 6, SSN: 1, Length: 5}, "wo")
	s.data(0, 0, 7, 8, "rld")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
	s.close(1) // A FIN says that all was sent, which it was not.
	wantObjection(t, s.report(t), "3 bytes from subflow byte 3 are mapped but were not seen")
}

// TestChecksumInPieces has the payload of one mapping come in the wrong order.
func TestChecksumInPieces(t *testing.T) {
	s := newSession(wire.V1, false)
	s.checksums = true
	s.openRed()
	s.openBlue()
	whole := wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0), SSN: 1, Length: 6, HasChecksum: true}
	whole.Checksum = wire.Checksum(whole.DSN, 1, 6, []byte("hello "))
	s.sendDSS(0, 0, 4, &whole, "lo ")
	s.sendDSS(0, 0, 1, &whole, "hel")
	s.sendDSS(0, 0, 1, &whole, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
}

// TestMovedPath: a subflow whose packets are on two paths cannot be counted for
// one.
func TestMovedPath(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	for i := range packets {
		var s trace.Segment
		if err := s.Decode(&packets[i]); err != nil {
			t.Fatal(err)
		}
		if s.Flags&trace.SYN == 0 {
			packets[i].Interface = 0
		}
	}
	wantObjection(t, analyze(packets), "packets on path red too")
}

func TestUnknownInterface(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	for i := range packets {
		packets[i].Interface *= 7
	}
	wantObjection(t, analyze(packets), "came from an unknown interface")
}

// TestAnotherSYN: while a subflow is open, nobody may open it again.
func TestAnotherSYN(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.send(s.blue[0], s.blue[1], 99, 0, trace.SYN, nil, nil)
	s.finish([2]uint64{11, 0})
	wantObjection(t, s.report(t), "another SYN on its addresses")
}

// TestManyMappings resends a mapping, altered, long after it was acknowledged.
func TestManyMappings(t *testing.T) {
	s := open(wire.V1, false)
	for i := range uint32(600) {
		s.data(0, 0, 1+4*i, uint64(4*i), "data")
		s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+1+4*(i+1), trace.ACK, nil, nil)
	}
	s.data(1, 0, 1, 2400, "end!")
	honest := len(s.packets)
	s.finish([2]uint64{2404, 0})
	wantProven(t, s.report(t))
	s.packets = s.packets[:honest]
	s.data(0, 0, 5, 20, "data")
	s.finish([2]uint64{2404, 0})
	wantObjection(t, s.report(t), "1 mappings came too late")
}

// TestNotDelivered: what nobody acknowledged on a path has not arrived over it.
func TestNotDelivered(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.silent = true
	s.data(1, 0, 1, 6, "world")
	s.silent = false
	s.data(0, 0, 7, 6, "world")
	s.finish([2]uint64{11, 0})
	wantObjection(t, s.report(t), "has delivered data on 1 path only")
}

// TestWindowProbe: Linux probes a closed window with a byte of an old number and
// any value.
func TestWindowProbe(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.sendDSS(0, 1, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(0) + 6}, "")
	s.data(0, 0, 7, 5, "X")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
}

// TestChecksumWithFin: a mapping is sent again after a DATA_FIN has joined it.
func TestChecksumWithFin(t *testing.T) {
	s := newSession(wire.V1, false)
	s.checksums = true
	s.openRed()
	s.openBlue()
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	again := wire.DSS{
		HasMap: true, DSN64: true, DSN: s.base(0) + 6, SSN: 1, Length: 6, HasChecksum: true, DataFIN: true,
		Checksum: wire.Checksum(s.base(0)+6, 1, 6, []byte("world")),
	}
	s.sendDSS(1, 0, 1, &again, "world")
	s.finish([2]uint64{11, 0})
	wantProven(t, s.report(t))
	again.Checksum ^= 1
	s.sendDSS(1, 0, 1, &again, "world")
	wantObjection(t, s.report(t), "clashes with")
}

// TestFalseFinChecksum: a DATA_FIN alone has a checksum too.
func TestFalseFinChecksum(t *testing.T) {
	s := newSession(wire.V1, false)
	s.checksums = true
	s.openRed()
	s.openBlue()
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.sendDSS(0, 0, 1, &wire.DSS{
		HasMap: true, DSN64: true, DSN: s.base(0) + 11, Length: 1, DataFIN: true, HasChecksum: true, Checksum: 1,
	}, "")
	s.finish([2]uint64{11, 0})
	wantObjection(t, s.report(t), "checksum is bad")
}

// TestAfterTheEnd: what comes on a subflow that is closed is looked at still.
func TestAfterTheEnd(t *testing.T) {
	finished := func() *session {
		s := open(wire.V1, false)
		s.data(0, 0, 1, 0, "hello ")
		s.data(1, 0, 1, 6, "world")
		s.finish([2]uint64{11, 0})
		s.close(0)
		s.close(1)
		return s
	}
	s := finished()
	s.data(1, 0, 1, 6, "world")
	wantProven(t, s.report(t))
	for name, late := range map[string]func(s *session){
		"data": func(s *session) { s.data(1, 0, 6, 12, "more!") },
		"MP_FASTCLOSE": func(s *session) {
			s.send(s.blue[0], s.blue[1], 1, 1, trace.ACK, wire.AppendMPFastClose(nil, &wire.MPFastClose{Key: 1}), nil)
		},
		"MP_JOIN": func(s *session) {
			s.send(s.blue[0], s.blue[1], 1, 1, trace.ACK, wire.AppendMPJoin(nil, &wire.MPJoin{Form: wire.JoinACK}), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := finished()
			late(s)
			wantObjection(t, s.report(t), "1 handshake or late packet of no connection here")
		})
	}
}

// TestManyClosed: connections that end, in whichever way, are let go.
func TestManyClosed(t *testing.T) {
	for _, how := range []trace.TCPFlags{trace.FIN, trace.RST} {
		analyzer := trace.New(redBlue)
		for i := range 300 {
			s := newSession(wire.V1, false)
			s.keys = [2]wire.Key{wire.Key(2*i + 1), wire.Key(2*i + 2)}
			s.red[0] = netip.AddrPortFrom(s.red[0].Addr(), uint16(1000+i))
			s.openRed()
			s.data(0, 0, 1, 0, strings.Repeat("x", 60_000))
			if how == trace.FIN {
				s.finish([2]uint64{60_000, 0})
				s.close(0)
			} else {
				s.send(s.red[0], s.red[1], 1, 1, trace.RST, nil, nil)
			}
			for j := range s.packets {
				analyzer.Add(&s.packets[j])
			}
		}
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		if n := analyzer.Open(); n != 0 {
			t.Errorf("%v: %d subflows are open", how, n)
		}
		if memory.HeapAlloc > 16<<20 {
			t.Errorf("%v: %d MiB are in use", how, memory.HeapAlloc>>20)
		}
		runtime.KeepAlive(analyzer)
	}
}

// TestFlood: SYNs that nobody answers must not fill the memory.
func TestFlood(t *testing.T) {
	s := newSession(wire.V1, false)
	syn := wire.AppendMPCapable(nil, &wire.MPCapable{Version: wire.V1, Flags: wire.FlagH})
	for i := range 20_000 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 1)
		s.send(from, s.red[1], 1, 0, trace.SYN, append([]byte{}, syn...), nil)
	}
	r := s.report(t)
	if len(r.Connections) > 1<<13 || r.Packets.Evicted != 20_000-1<<13 {
		t.Errorf("%d connections, %d evicted", len(r.Connections), r.Packets.Evicted)
	}
	if len(r.Verdict.Reasons) > 40 {
		t.Errorf("%d reasons", len(r.Verdict.Reasons))
	}
	wantObjection(t, r, "beyond what can be followed")
}

// TestWaitingPayload has the mappings come after thousands of payloads: each
// must be looked at once.
func TestWaitingPayload(t *testing.T) {
	s := open(wire.V1, false)
	const n = 20_000
	for i := range uint32(n) {
		s.sendDSS(0, 0, 1+2*i, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(1)}, "x")
	}
	for i := range uint32(n) {
		s.sendDSS(0, 0, 2+2*i, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + uint64(2*i), SSN: 1 + 2*i, Length: 2}, "y")
	}
	s.data(1, 0, 1, 2*n, "end!")
	s.finish([2]uint64{2*n + 4, 0})
	wantProven(t, s.report(t))
}
