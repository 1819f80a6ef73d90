package packets_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/packets"
	"allroads/trace"
	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// script writes segments between two hosts, as no kernel sends them any more.
type script struct {
	*testing.T
	file *pcapgo.Writer
	at   time.Time
}

// newScript begins a file, of raw IP.
func newScript(t *testing.T) (s *script, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "script.pcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	s = &script{T: t, file: pcapgo.NewWriterNanos(file), at: time.Unix(1_700_000_000, 0)}
	if err := s.file.WriteFileHeader(65536, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	return s, path
}

// segment writes a segment of IPv4 with TCP options; the first sequence number of
// each port is 1000.
func (s *script) segment(from, to netip.AddrPort, flags trace.TCPFlags, options []byte, payload string) {
	s.Helper()
	s.write(segment(from, to, flags, options, payload))
}

func (s *script) write(ip []byte) {
	s.Helper()
	s.at = s.at.Add(time.Millisecond)
	if err := s.file.WritePacket(gopacket.CaptureInfo{Timestamp: s.at, CaptureLength: len(ip), Length: len(ip)}, ip); err != nil {
		s.Fatal(err)
	}
}

// TestVersion0 has a connection of RFC 6824 with each of its options.
func TestVersion0(t *testing.T) {
	s, path := newScript(t)
	capable := func(m wire.MPCapable) []byte { m.Flags = wire.FlagH; return wire.AppendMPCapable(nil, &m) }
	join := func(j wire.MPJoin) []byte { return wire.AppendMPJoin(nil, &j) }
	s.segment(client, server, trace.SYN, capable(wire.MPCapable{HasSenderKey: true, SenderKey: clientKey}), "")
	s.segment(server, client, trace.SYN|trace.ACK, capable(wire.MPCapable{HasSenderKey: true, SenderKey: serverKey}), "")
	s.segment(client, server, trace.ACK, capable(wire.MPCapable{HasSenderKey: true, SenderKey: clientKey, HasReceiverKey: true, ReceiverKey: serverKey}), "")
	s.segment(client, server, trace.ACK, wire.AppendDSS(nil, &wire.DSS{HasAck: true, DataAck: 7, HasMap: true, DSN: 9, SSN: 1, Length: 5, HasChecksum: true, Checksum: 0xbeef}), "hello")
	token := wire.V0.Token(serverKey)
	s.segment(client2, server, trace.SYN, join(wire.MPJoin{Form: wire.JoinSYN, Token: token, AddressID: 3, Nonce: 0x11223344, Backup: true}), "")
	s.segment(server, client2, trace.SYN|trace.ACK, join(wire.MPJoin{Form: wire.JoinSYNACK, HMAC: short(wire.V0.JoinHMAC(serverKey, clientKey, 0x55667788, 0x11223344)), Nonce: 0x55667788}), "")
	s.segment(client2, server, trace.ACK, join(wire.MPJoin{Form: wire.JoinACK, HMAC: wire.V0.JoinHMAC(clientKey, serverKey, 0x11223344, 0x55667788)}), "")
	for _, a := range []wire.AddAddr{
		{AddressID: 4, Addr: netip.MustParseAddr("10.0.2.2")}, {AddressID: 5, Addr: netip.MustParseAddr("10.0.2.2"), HasPort: true, Port: 8080},
		{AddressID: 6, Addr: netip.MustParseAddr("fd00::7")}, {AddressID: 7, Addr: netip.MustParseAddr("fd00::7"), HasPort: true, Port: 8080},
	} {
		s.segment(client, server, trace.ACK, wire.AppendAddAddr(nil, &a), "")
	}
	s.segment(client, server, trace.ACK, wire.AppendMPPrio(nil, &wire.MPPrio{Backup: true, HasAddressID: true, AddressID: 3}), "")
	s.segment(client, server, trace.ACK, wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 2, IDs: [37]uint8{4, 5}}), "")
	s.segment(client, server, trace.RST|trace.ACK, wire.AppendMPFastClose(nil, &wire.MPFastClose{Key: serverKey}), "")
	got := lines(t, path, packets.Options{})
	all := strings.Join(got, "\n")
	_, idsn := wire.V0.Derive(clientKey)
	for _, want := range []string{
		"MP_CAPABLE v0 flags=H sender_key=0x0123456789abcdef (HMAC-SHA1; sender token=0x" + wire.V0.Token(clientKey).String() + " idsn=" + strconv.FormatUint(idsn, 10) + ")\n",
		"; receiver token=0x" + token.String() + " idsn=", "MP_JOIN syn id=3 backup token=0x" + token.String() + " nonce=0x11223344 (v0)",
		" (v0, left 64 bits of HMAC-SHA1)", " (v0, HMAC-SHA1)", "DSS ack32=7 dsn32=9 ssn=1 len=5 csum=0xbeef",
		"ADD_ADDR v0 id=4 10.0.2.2\n", "ADD_ADDR v0 id=7 [fd00::7]:8080\n", "MP_PRIO backup id=3", "REMOVE_ADDR ids=4,5",
		"MP_FASTCLOSE key=0xfedcba9876543210 (receiver token=0x" + token.String() + ")",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no line with %q in\n%s", want, all)
		}
	}
	compareWithTshark(t, path, got)
	compareWithTcpdump(t, path, got)
}

func short(hmac [20]byte) [20]byte {
	clear(hmac[8:])
	return hmac
}
