package nft_test

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"

	"allroads/internal/capture"
	"allroads/internal/netns"
	"allroads/wire"
)

// probe is a TCP segment that a test makes up; its source port is its name.
type probe struct {
	flags   string // of S, A, R
	options []wire.Subtype
}

// option is an MPTCP option of a subtype, as short as it gets.
func option(t *testing.T, s wire.Subtype) layers.TCPOption {
	encoded := map[wire.Subtype][]byte{
		capable: wire.AppendMPCapable(nil, &wire.MPCapable{Version: 1, Flags: wire.FlagH}),
		joining: wire.AppendMPJoin(nil, &wire.MPJoin{Form: wire.JoinSYN, Token: 7}),
		dss:     wire.AppendDSS(nil, &wire.DSS{HasAck: true, DataAck: 7}),
		addAddr: wire.AppendAddAddr(nil, &wire.AddAddr{Version: 1, HasHMAC: true, Addr: addr("10.1.0.3")}),
		prio:    wire.AppendMPPrio(nil, &wire.MPPrio{}),
	}[s]
	if len(encoded) < 3 {
		t.Fatalf("no option %v", s)
	}
	return layers.TCPOption{OptionType: wire.OptionKind, OptionLength: encoded[1], OptionData: encoded[2:]}
}

// packet is the IPv4 packet of a probe.
func (p probe) packet(t *testing.T, from, to netip.AddrPort) []byte {
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP,
		SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice()}
	tcp := &layers.TCP{SrcPort: layers.TCPPort(from.Port()), DstPort: layers.TCPPort(to.Port()), Seq: 1000, Ack: 2000, Window: 512}
	for _, f := range p.flags {
		tcp.SYN, tcp.ACK, tcp.RST = tcp.SYN || f == 'S', tcp.ACK || f == 'A', tcp.RST || f == 'R'
	}
	for _, s := range p.options {
		tcp.Options = append(tcp.Options, option(t, s))
	}
	must(t, tcp.SetNetworkLayerForChecksum(ip))
	buffer := gopacket.NewSerializeBuffer()
	must(t, gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp))
	return buffer.Bytes()
}

// inject sends IPv4 packets as they are, from one processor: each has a queue of
// its own for what veth carries.
func inject(t *testing.T, ns *netns.NS, to netip.Addr, packets [][]byte) {
	must(t, ns.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := pin(); err != nil {
			return err
		}
		for _, p := range packets {
			if err := unix.Sendto(fd, p, 0, &unix.SockaddrInet4{Addr: to.As4()}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// pin keeps this thread, which ends with netns.Do, on one processor.
func pin() error {
	var allowed, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return err
	}
	cpu := 0
	for !allowed.IsSet(cpu) {
		cpu++
	}
	one.Set(cpu)
	return unix.SchedSetaffinity(0, &one)
}

// segment is what gopacket sees of a captured frame.
type segment struct {
	tcp      *layers.TCP
	from, to netip.Addr
	options  []wire.Subtype // of MPTCP
	intact   bool           // its checksum is right
}

// tap captures TCP on an interface, for as long as any test may take.
func tap(t *testing.T, ns *netns.NS, name string) *capture.Ring {
	ring, err := capture.Open(ns, []string{name}, capture.Options{RingBytes: 8 << 20, Filter: capture.Filter{TCP: true}})
	must(t, err)
	limit := time.AfterFunc(patience, ring.Stop)
	t.Cleanup(func() { limit.Stop(); ring.Stop(); ring.Close() })
	return ring
}

// next waits for the next segment; false after Stop.
func next(t *testing.T, ring *capture.Ring) (segment, bool) {
	var p capture.Packet
	err := ring.Read(&p)
	if errors.Is(err, io.EOF) {
		return segment{}, false
	}
	must(t, err)
	decoded := gopacket.NewPacket(slices.Clone(p.Data), layers.LayerTypeEthernet, gopacket.Default)
	tcp, ok := decoded.TransportLayer().(*layers.TCP)
	if !ok {
		t.Fatalf("no TCP in % x", p.Data)
	}
	s := segment{tcp: tcp}
	s.from, _ = netip.AddrFromSlice(decoded.NetworkLayer().NetworkFlow().Src().Raw())
	s.to, _ = netip.AddrFromSlice(decoded.NetworkLayer().NetworkFlow().Dst().Raw())
	for o, rest, err := wire.Next(tcp.Contents[20:]); o != nil; o, rest, err = wire.Next(rest) {
		must(t, err)
		s.options = append(s.options, o.Subtype())
	}
	must(t, tcp.SetNetworkLayerForChecksum(decoded.NetworkLayer()))
	err, checksum := tcp.VerifyChecksum()
	must(t, err)
	s.intact = checksum.Valid
	return s, true
}
