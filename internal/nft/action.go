package nft

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// maxOptions is how many MPTCP options fit into the 40 bytes that a TCP header
// has for options; the shortest, MP_PRIO, has 3 (RFC 8684, section 3.3.8).
const maxOptions = 40 / 3

func actions(do middlebox.Action, options []wire.Subtype) []statement {
	switch do {
	case middlebox.Drop:
		return []statement{drop()}
	case middlebox.Reset:
		return []statement{reject()}
	}
	return strip(options)
}

// strip takes away one option at a time, as the kernel does: all that there may
// be, or each of options once, as long as the first one is among them. A rule
// ends where a match fails.
func strip(options []wire.Subtype) []statement {
	if len(options) == 0 {
		return slices.Repeat([]statement{stripFirst()}, maxOptions)
	}
	repeated := []statement{stripFirst()}
	for range options[1:] {
		repeated = append(repeated, hasOption(options), stripFirst())
	}
	return repeated
}

// stripFirst overwrites the first MPTCP option, if there is one, with NOPs.
// Without a register, nft_exthdr neither loads nor stores.
func stripFirst() statement {
	return statement{text: "reset tcp option mptcp",
		exprs: []expr.Any{&expr.Exthdr{Op: expr.ExthdrOpTcpopt, Type: wire.OptionKind}}}
}

func count() statement {
	return statement{text: "counter", exprs: []expr.Any{&expr.Counter{}}}
}

func drop() statement {
	return statement{text: "drop", exprs: []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}}}
}

func reject() statement {
	return statement{text: "reject with tcp reset", exprs: []expr.Any{&expr.Reject{Type: unix.NFT_REJECT_TCP_RST}}}
}

func masquerade() statement {
	return statement{text: "masquerade", exprs: []expr.Any{&expr.Masq{}}}
}

func untrack() statement {
	return statement{text: "notrack", exprs: []expr.Any{&expr.Notrack{}}}
}

// roundRobin counts connections, modulo the number of addresses, and has a map
// turn the number into an address.
func roundRobin(to []netip.Addr) statement {
	word, protocol, kind := "ip6", uint32(unix.NFPROTO_IPV6), uint32(typeIPv6)
	if to[0].Is4() {
		word, protocol, kind = "ip", unix.NFPROTO_IPV4, typeIPv4
	}
	servers := &set{name: "__map%d", keyLen: 4, keyOrder: hostEndian, data: kind, dataLen: uint32(to[0].BitLen() / 8)}
	var pairs []string
	for i, a := range to {
		servers.elements = append(servers.elements,
			element{key: binary.NativeEndian.AppendUint32(nil, uint32(i)), data: a.AsSlice()})
		pairs = append(pairs, fmt.Sprintf("%d : %v", i, a))
	}
	return statement{
		text: fmt.Sprintf("dnat %s to numgen inc mod %d map { %s }", word, len(to), strings.Join(pairs, ", ")),
		exprs: []expr.Any{
			&expr.Numgen{Register: register, Type: unix.NFT_NG_INCREMENTAL, Modulus: uint32(len(to))},
			&expr.Lookup{SourceRegister: register, DestRegister: register, IsDestRegSet: true, SetName: servers.name},
			&expr.NAT{Type: expr.NATTypeDestNAT, Family: protocol, RegAddrMin: register},
		},
		set: servers}
}
