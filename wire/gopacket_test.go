package wire_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"pgregory.net/rapid"
)

// tcpHeader is a TCP header without options, made for n bytes of them.
func tcpHeader(n int) []byte {
	h := make([]byte, 20)
	h[12] = byte(5+n/4) << 4
	return h
}

// gopacketOption reads the option with gopacket, alone in a header and padded with NOPs.
func gopacketOption(raw []byte) (layers.TCPOption, error) {
	options := bytes.Clone(raw)
	for len(options)%4 != 0 {
		options = append(options, 1)
	}
	var tcp layers.TCP
	if err := tcp.DecodeFromBytes(append(tcpHeader(len(options)), options...), gopacket.NilDecodeFeedback); err != nil {
		return layers.TCPOption{}, err
	}
	if len(tcp.Options) == 0 || tcp.Options[0].OptionType != wire.OptionKind {
		return layers.TCPOption{}, fmt.Errorf("gopacket dropped %x", raw)
	}
	return tcp.Options[0], nil
}

// Every captured and made option that both read must read the same.
func TestGopacketAgrees(t *testing.T) {
	compared := 0
	for _, v := range vectors(t) {
		decoded, err := v.raw.Decode()
		if err != nil || v.raw.Subtype() > wire.SubtypeMPTCPRst {
			continue
		}
		compared++
		if err := compareWithGopacket(v.raw, decoded); err != nil {
			t.Errorf("%s: %v", v.want, err)
		}
	}
	if compared < 60 {
		t.Errorf("only %d options compared", compared)
	}
}

func TestGopacketAgreesOnRandom(t *testing.T) {
	for _, name := range []string{"MPCapable", "MPJoin", "DSS", "AddAddr", "RemoveAddr", "MPPrio", "MPFail",
		"MPFastClose", "MPTCPRst"} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			v := generators[name].Draw(t, "value")
			if err := compareWithGopacket(appendAny(nil, v), v); err != nil {
				t.Fatal(err)
			}
		}))
	}
}

func compareWithGopacket(raw wire.Option, v any) error {
	o, err := gopacketOption(raw)
	if err != nil {
		return err
	}
	var want any
	switch v.(type) {
	case *wire.MPCapable:
		want = capableFrom(o)
	case *wire.MPJoin:
		want = joinFrom(o)
	case *wire.DSS:
		want = dssFrom(o)
	case *wire.AddAddr:
		want = addAddrFrom(o)
	case *wire.RemoveAddr:
		r := &wire.RemoveAddr{Count: uint8(len(o.OptionMTCPRemAddr.AddrIDs))}
		copy(r.IDs[:], o.OptionMTCPRemAddr.AddrIDs)
		want = r
	case *wire.MPPrio:
		p := o.OptionMPTCPMpPrio
		want = &wire.MPPrio{Backup: p.Backup, HasAddressID: o.OptionLength == 4, AddressID: p.AddrID}
	case *wire.MPFail:
		want = &wire.MPFail{DSN: o.OptionMTCPMPFail.DSN}
	case *wire.MPFastClose:
		want = &wire.MPFastClose{Key: wire.Key(binary.BigEndian.Uint64(o.OptionMTCPMPFastClose.ReceivKey))}
	case *wire.MPTCPRst:
		r := o.OptionMPTCPMPTcpRst
		want = &wire.MPTCPRst{U: r.U, V: r.V, W: r.W, Transient: r.T, Reason: wire.ResetReason(r.Reason)}
	}
	if d := same(want, v); d != "" {
		return fmt.Errorf("%x (-gopacket +wire):\n%s", []byte(raw), d)
	}
	return nil
}

func capableFrom(o layers.TCPOption) *wire.MPCapable {
	g := o.OptionMPTCPMpCapable
	m := &wire.MPCapable{Version: wire.Version(g.Version)}
	for i, set := range []bool{g.A, g.B, g.C, g.D, g.E, g.F, g.G, g.H} {
		if set {
			m.Flags |= 0x80 >> i
		}
	}
	if g.SendKey != nil {
		m.HasSenderKey, m.SenderKey = true, wire.Key(binary.BigEndian.Uint64(g.SendKey))
	}
	if g.ReceivKey != nil {
		m.HasReceiverKey, m.ReceiverKey = true, wire.Key(binary.BigEndian.Uint64(g.ReceivKey))
	}
	m.HasData, m.DataLength = o.OptionLength >= 22, g.DataLength
	m.HasChecksum, m.Checksum = o.OptionLength == 24, g.Checksum
	return m
}

func joinFrom(o layers.TCPOption) *wire.MPJoin {
	g := o.OptionMPTCPMpJoin
	j := &wire.MPJoin{Backup: g.Backup, AddressID: g.AddrID, Token: wire.Token(g.ReceivToken), Nonce: g.SendRandNum}
	j.Form = map[uint8]wire.JoinForm{12: wire.JoinSYN, 16: wire.JoinSYNACK, 24: wire.JoinACK}[o.OptionLength]
	copy(j.HMAC[:], g.SendHMAC)
	return j
}

// dssFrom takes the widths from the slices: gopacket does not export the flags a and m.
func dssFrom(o layers.TCPOption) *wire.DSS {
	g := o.OptionMPTCPDss
	d := &wire.DSS{HasAck: g.A, HasMap: g.M, SSN: g.SSN, Length: g.DataLength, Checksum: g.Checksum, DataFIN: g.F}
	d.Ack64, d.DataAck = len(g.DataAck) == 8, number(g.DataAck)
	d.DSN64, d.DSN = len(g.DSN) == 8, number(g.DSN)
	d.HasChecksum = g.M && int(o.OptionLength) == 4+len(g.DataAck)+len(g.DSN)+4+2+2
	return d
}

func number(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// addAddrFrom cuts the HMAC, which in gopacket runs on into the options behind it.
func addAddrFrom(o layers.TCPOption) *wire.AddAddr {
	g := o.OptionMPTCPAddAddr
	a := &wire.AddAddr{Version: wire.V1, Echo: g.E, AddressID: g.AddrID, Port: g.Port}
	if g.IPVer != 0 {
		a.Version = wire.V0
	}
	a.Addr, _ = netip.AddrFromSlice(g.Address)
	if g.SendHMAC != nil {
		a.HasHMAC, a.HMAC = true, [8]byte(g.SendHMAC[:8])
	}
	a.HasPort = o.OptionLength&3 == 2
	return a
}
