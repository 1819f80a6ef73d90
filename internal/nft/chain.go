package nft

import (
	"slices"
	"strings"

	"allroads/internal/middlebox"
	"allroads/wire"

	"golang.org/x/sys/unix"
)

// table is the name of the table of family inet that Install owns.
const table = "allroads"

// chain is a base chain: rules at a place on a packet's way.
type chain struct {
	name         string
	kind         string // filter or nat
	hookName     string
	hook         uint32
	priorityName string
	priority     int32
	rules        []rule
}

// rule is what nftables calls a rule.
type rule struct {
	comment    string // "" for one that nothing is counted for
	needs      string // what a kernel has that knows all of it
	statements []statement
}

// chains is the whole ruleset, without chains that would be empty. Their order
// is the order of Counters.
func (r Ruleset) chains() []chain {
	all := []chain{
		{"postrouting", "nat", "postrouting", unix.NF_INET_POST_ROUTING, "srcnat", 100, rules(r.Masquerade, masqueradeRule)},
		{"prerouting", "nat", "prerouting", unix.NF_INET_PRE_ROUTING, "dstnat", -100, rules(r.Balance, Balance.rule)},
		{"raw", "filter", "prerouting", unix.NF_INET_PRE_ROUTING, "raw", -300, rules(r.SynProxy, SynProxy.untracked)},
		{"forward", "filter", "forward", unix.NF_INET_FORWARD, "filter", 0, rules(r.Rules, Rule.rule)},
		// Behind the rules, which would not see a packet that the proxy takes.
		{"proxy", "filter", "forward", unix.NF_INET_FORWARD, "filter + 1", 1,
			append(rules(r.SynProxy, SynProxy.proxied), rules(r.SynProxy, SynProxy.invalid)...)},
	}
	return slices.DeleteFunc(all, func(c chain) bool { return len(c.rules) == 0 })
}

func rules[T any](list []T, convert func(T) rule) (converted []rule) {
	for _, one := range list {
		converted = append(converted, convert(one))
	}
	return converted
}

func masqueradeRule(name string) rule {
	return rule{"masquerade " + name, "CONFIG_NFT_MASQ",
		[]statement{leavesBy(name), count(), masquerade()}}
}

func (b Balance) rule() rule {
	return rule{"balance " + b.Address.String(), "CONFIG_NFT_NAT and CONFIG_NFT_NUMGEN",
		[]statement{family(b.Address), destination(b.Address), isTCP(), count(), roundRobin(b.To)}}
}

func (r Rule) rule() rule {
	var match []statement
	if r.From != "" {
		match = append(match, entersBy(r.From))
	}
	match = append(match, isTCP())
	if flags, narrowed := packetFlags[r.Packets]; narrowed {
		match = append(match, flags())
	}
	options := slices.Compact(slices.Sorted(slices.Values(r.Options)))
	return rule{r.comment(options), "Linux 5.18, CONFIG_NFT_REJECT_INET to reset",
		slices.Concat(match, []statement{hasOption(options), count()}, actions(r.Do, options))}
}

// maxComment is how many bytes nft(8) takes (NFTNL_UDATA_COMMENT_MAXLEN). Only
// all options with the longest interface name make more.
const maxComment = 128

// comment names the rule in the listings of nft(8) and in Counters.
func (r Rule) comment(options []wire.Subtype) string {
	names := []string{middlebox.AllOptions}
	if len(options) > 0 {
		names = nil
	}
	for _, o := range options {
		names = append(names, strings.ToLower(o.String()))
	}
	text := string(r.Do) + " " + strings.Join(names, ",")
	if r.Packets != "" && r.Packets != middlebox.Any {
		text += " in " + string(r.Packets)
	}
	if r.From != "" {
		text += " from " + r.From
	}
	return text[:min(len(text), maxComment)]
}
