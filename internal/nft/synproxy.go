package nft

import (
	"cmp"
	"fmt"
	"net/netip"

	"allroads/internal/middlebox"

	"github.com/google/nftables/expr"
)

const proxyNeeds = "CONFIG_NFT_SYNPROXY and CONFIG_NFT_CT"

// untracked keeps SYNs from connection tracking, which would take the client's
// connection for one to the server.
func (s SynProxy) untracked() rule {
	return rule{"", proxyNeeds, append(s.match(), packetFlags[middlebox.SYN](), untrack())}
}

// proxied answers the SYNs, and takes over when the ACK comes that connection
// tracking has no SYN for.
func (s SynProxy) proxied() rule {
	state := trackedAs("invalid,untracked", expr.CtStateBitINVALID|expr.CtStateBitUNTRACKED)
	return rule{s.comment(), proxyNeeds, append(s.match(), state, count(), s.answer())}
}

// invalid drops what the proxy has not made a connection for.
func (s SynProxy) invalid() rule {
	state := trackedAs("invalid", expr.CtStateBitINVALID)
	return rule{"", proxyNeeds, append(s.match(), state, drop())}
}

func (s SynProxy) match() []statement {
	toPort := []statement{isTCP(), destinationPort(s.Port)}
	if !s.Address.IsValid() {
		return toPort
	}
	return append([]statement{family(s.Address), destination(s.Address)}, toPort...)
}

func (s SynProxy) answer() statement {
	mss, scale := cmp.Or(s.MSS, 1460), cmp.Or(s.WindowScale, 7)
	return statement{text: fmt.Sprintf("synproxy mss %d wscale %d timestamp sack-perm", mss, scale),
		exprs: []expr.Any{&expr.SynProxy{Mss: mss, Wscale: scale, Timestamp: true, SackPerm: true}}}
}

func (s SynProxy) comment() string {
	if !s.Address.IsValid() {
		return fmt.Sprintf("synproxy %d", s.Port)
	}
	return "synproxy " + netip.AddrPortFrom(s.Address, s.Port).String()
}
