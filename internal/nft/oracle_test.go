package nft_test

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"allroads/internal/middlebox"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nft"
	"allroads/wire"
)

// everything has each kind of rule that there is.
var everything = nft.Ruleset{
	Masquerade: []string{"server2", "a-b.c"},
	Balance: []nft.Balance{
		{Address: addr("10.9.0.1"), To: []netip.Addr{addr("10.2.0.2"), addr("10.3.0.2"), addr("10.2.0.2")}},
		{Address: addr("fd09::1"), To: []netip.Addr{addr("fd02::2")}},
	},
	SynProxy: []nft.SynProxy{
		{Port: 443, Address: addr("10.2.0.2")},
		{Port: 80, Address: addr("fd02::2"), MSS: 1220, WindowScale: 10},
	},
	Rules: allRules(),
}

func allRules() (rules []nft.Rule) {
	lists := [][]wire.Subtype{
		nil, {wire.SubtypeMPJoin}, {wire.SubtypeDSS, wire.SubtypeMPCapable, wire.SubtypeDSS},
		{0, 1, 2, 3, 4, 5, 6, 7, 8, wire.SubtypeExperimental},
	}
	for _, do := range []middlebox.Action{middlebox.Drop, middlebox.Strip, middlebox.Reset} {
		for _, packets := range append(middlebox.PacketKinds, "") {
			for _, options := range lists {
				for _, from := range []string{"", "abcdefghijklmno"} {
					rules = append(rules, nft.Rule{Rule: middlebox.Rule{Do: do, Packets: packets, Options: options}, From: from})
				}
			}
		}
	}
	return rules
}

var handles = regexp.MustCompile(`"handle": \d+`)

// listing is what nft(8) reads in the kernel, as text and as JSON.
func listing(t testing.TB, ns *netns.NS) []string {
	text := program(t, ns, "list", "ruleset")
	json := handles.ReplaceAllString(program(t, ns, "-j", "list", "ruleset"), "")
	return append(strings.Split(text, "\n"), strings.Split(json, `{"rule"`)...)
}

// compare wants nft(8) to list the same, whoever has made the rules.
func compare(t testing.TB, r nft.Ruleset, ours, theirs *netns.NS) {
	t.Helper()
	install(t, ours, r)
	program(t, theirs, r.String())
	if diff := cmp.Diff(listing(t, theirs), listing(t, ours)); diff != "" {
		t.Errorf("by nft (-) and Install (+):\n%s", diff)
	}
}

func TestEverythingAsNFT(t *testing.T) {
	ours, theirs := netnstest.New(t), netnstest.New(t)
	compare(t, everything, ours, theirs)
	text := program(t, ours, "list", "ruleset")
	for _, want := range []string{"synproxy mss 1220 wscale 10", "dnat ip6 to", "reset tcp option mptcp", "reject with tcp reset", "ct state invalid,untracked"} {
		if !strings.Contains(text, want) {
			t.Errorf("the listing lacks %q", want)
		}
	}
}

// TestAnyAsNFT compares rulesets of all sorts, the empty one among them.
func TestAnyAsNFT(t *testing.T) {
	ours, theirs := netnstest.New(t), netnstest.New(t)
	compare(t, nft.Ruleset{}, ours, theirs)
	part := func(t *rapid.T, name string) bool { return rapid.Bool().Draw(t, name) }
	var drawn []nft.Ruleset
	rapid.Check(t, func(t *rapid.T) {
		if len(drawn) == 10 {
			return // each costs four processes
		}
		r := everything
		r.Rules = rapid.SliceOfN(rapid.SampledFrom(everything.Rules), 0, 5).Draw(t, "rules")
		if part(t, "no masquerade") {
			r.Masquerade = nil
		}
		if part(t, "no balance") {
			r.Balance = nil
		}
		if part(t, "no synproxy") {
			r.SynProxy = nil
		}
		drawn = append(drawn, r)
	})
	for _, r := range drawn {
		program(t, theirs, "flush", "ruleset")
		compare(t, r, ours, theirs)
	}
}
