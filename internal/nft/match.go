package nft

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// statement is a part of a rule, as nft(8) writes it and as the kernel gets it.
type statement struct {
	text  string // "" for what nft(8) adds by itself
	exprs []expr.Any
	set   *set // what a lookup among exprs looks into
}

// register holds each value between the expression that loads it and the one
// that compares it.
const register = unix.NFT_REG_1

func equal(data ...byte) *expr.Cmp {
	return &expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: data}
}

func meta(key expr.MetaKey) *expr.Meta { return &expr.Meta{Key: key, Register: register} }

func payload(base expr.PayloadBase, offset, length uint32) *expr.Payload {
	return &expr.Payload{Base: base, Offset: offset, Len: length, DestRegister: register}
}

func mask(bits ...byte) *expr.Bitwise {
	return &expr.Bitwise{SourceRegister: register, DestRegister: register,
		Len: uint32(len(bits)), Mask: bits, Xor: make([]byte, len(bits))}
}

func entersBy(name string) statement { return interfaceIs("iifname", expr.MetaKeyIIFNAME, name) }
func leavesBy(name string) statement { return interfaceIs("oifname", expr.MetaKeyOIFNAME, name) }

func interfaceIs(word string, key expr.MetaKey, name string) statement {
	padded := make([]byte, unix.IFNAMSIZ)
	copy(padded, name)
	return statement{text: fmt.Sprintf("%s %q", word, name), exprs: []expr.Any{meta(key), equal(padded...)}}
}

func isTCP() statement {
	return statement{text: "meta l4proto tcp",
		exprs: []expr.Any{meta(expr.MetaKeyL4PROTO), equal(unix.IPPROTO_TCP)}}
}

// family has to be known before an address in the header can be compared.
func family(a netip.Addr) statement {
	protocol := byte(unix.NFPROTO_IPV6)
	if a.Is4() {
		protocol = unix.NFPROTO_IPV4
	}
	return statement{exprs: []expr.Any{meta(expr.MetaKeyNFPROTO), equal(protocol)}}
}

func destination(a netip.Addr) statement {
	word, offset := "ip6", uint32(24) // RFC 8200, section 3
	if a.Is4() {
		word, offset = "ip", 16 // RFC 791, section 3.1
	}
	return statement{text: fmt.Sprintf("%s daddr %v", word, a), exprs: []expr.Any{
		payload(expr.PayloadBaseNetworkHeader, offset, uint32(a.BitLen()/8)), equal(a.AsSlice()...)}}
}

func destinationPort(port uint16) statement {
	return statement{text: fmt.Sprintf("tcp dport %d", port), exprs: []expr.Any{
		payload(expr.PayloadBaseTransportHeader, 2, 2), equal(binary.BigEndian.AppendUint16(nil, port)...)}}
}

// Flags of a TCP header (RFC 9293, section 3.1).
const (
	flagsOffset = 13
	syn         = 0x02
	ack         = 0x10
)

// packetFlags are the kinds of packets that are told apart.
var packetFlags = map[middlebox.Packets]func() statement{
	middlebox.SYN:    func() statement { return flags("tcp flags & (syn | ack) == syn", syn|ack, syn) },
	middlebox.SYNACK: func() statement { return flags("tcp flags & (syn | ack) == (syn | ack)", syn|ack, syn|ack) },
	middlebox.Later:  func() statement { return flags("tcp flags & syn == 0", syn, 0) },
}

func flags(text string, among, set byte) statement {
	return statement{text: text, exprs: []expr.Any{
		payload(expr.PayloadBaseTransportHeader, flagsOffset, 1), mask(among), equal(set)}}
}

// hasOption looks at a packet's first MPTCP option: whether there is one, or
// whether it is one of some.
func hasOption(options []wire.Subtype) statement {
	if len(options) == 0 {
		present := &expr.Exthdr{Op: expr.ExthdrOpTcpopt, Type: wire.OptionKind, DestRegister: register,
			Len: 1, Flags: unix.NFT_EXTHDR_F_PRESENT}
		return statement{text: "tcp option mptcp exists", exprs: []expr.Any{present, equal(1)}}
	}
	// The subtype is the high half of the third byte (RFC 8684, section 3).
	load := &expr.Exthdr{Op: expr.ExthdrOpTcpopt, Type: wire.OptionKind, DestRegister: register, Offset: 2, Len: 1}
	if len(options) == 1 {
		return statement{text: fmt.Sprintf("tcp option mptcp subtype %d", options[0]),
			exprs: []expr.Any{load, mask(0xf0), equal(byte(options[0]) << 4)}}
	}
	values := &set{name: "__set%d", keyLen: 1, keyOrder: bigEndian}
	var numbers []string
	for _, o := range options {
		values.elements = append(values.elements, element{key: []byte{byte(o) << 4}})
		numbers = append(numbers, fmt.Sprint(uint8(o)))
	}
	return statement{text: "tcp option mptcp subtype { " + strings.Join(numbers, ", ") + " }",
		exprs: []expr.Any{load, mask(0xf0), &expr.Lookup{SourceRegister: register, SetName: values.name}},
		set:   values}
}

func trackedAs(text string, states uint32) statement {
	none := make([]byte, 4)
	return statement{text: "ct state " + text, exprs: []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: register},
		mask(binary.NativeEndian.AppendUint32(nil, states)...),
		&expr.Cmp{Op: expr.CmpOpNeq, Register: register, Data: none}}}
}
