package nft_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/middlebox"
	"allroads/internal/nft"
)

func oneRule(r middlebox.Rule, from string) nft.Ruleset {
	return nft.Ruleset{Rules: []nft.Rule{{Rule: r, From: from}}}
}

func balance(address string, to ...string) nft.Ruleset {
	b := nft.Balance{}
	if address != "" {
		b.Address = addr(address)
	}
	for _, a := range to {
		b.To = append(b.To, addr(a))
	}
	return nft.Ruleset{Balance: []nft.Balance{b}}
}

func proxy(s nft.SynProxy, balanced ...string) nft.Ruleset {
	r := nft.Ruleset{SynProxy: []nft.SynProxy{s}}
	for _, a := range balanced {
		r.Balance = append(r.Balance, nft.Balance{Address: addr(a), To: []netip.Addr{addr("10.2.0.2")}})
	}
	return r
}

func TestValidate(t *testing.T) {
	drop := middlebox.Rule{Do: middlebox.Drop}
	for _, test := range []struct {
		rules nft.Ruleset
		want  string // "" is no error
	}{
		{nft.Ruleset{}, ""},
		{everything, ""},
		{oneRule(middlebox.Rule{Do: middlebox.Reset}, ""), ""},
		{nft.Ruleset{Masquerade: []string{"eth0", ""}}, `masquerade: "" is not an interface`},
		{nft.Ruleset{Masquerade: []string{"abcdefghijklmnop"}}, "is not an interface"},
		{nft.Ruleset{Masquerade: []string{"eth*"}}, "is not an interface"},
		{nft.Ruleset{Masquerade: []string{".."}}, "is not an interface"},
		{nft.Ruleset{Masquerade: []string{`a"b`}}, "is not an interface"},
		{nft.Ruleset{Masquerade: []string{"a\nb"}}, "is not an interface"},
		{oneRule(drop, "a'b"), "rule 1: \"a'b\" is not an interface"},
		{oneRule(drop, "a b"), "is not an interface"},
		{oneRule(middlebox.Rule{Do: middlebox.Rewrite, Find: "a", Replace: "b"}, ""), "rule 1: nftables cannot rewrite payload"},
		{oneRule(middlebox.Rule{Do: middlebox.Drop, After: 1}, ""), "rule 1: nftables does not count the payload"},
		{oneRule(middlebox.Rule{}, ""), "rule 1: do"},
		{oneRule(middlebox.Rule{Do: "eat"}, ""), "rule 1: do"},
		{oneRule(middlebox.Rule{Do: middlebox.Drop, Packets: "late"}, ""), "rule 1: packets"},
		{oneRule(middlebox.Rule{Do: middlebox.Drop, Options: options{9}}, ""), "rule 1: options"},
		{oneRule(middlebox.Rule{Do: middlebox.Drop, Options: options{255}}, ""), "rule 1: options"},
		{balance("10.0.0.1", "10.0.0.2"), ""},
		{balance("10.0.0.1"), "balance 10.0.0.1: no target"},
		{balance("10.0.0.1", "10.0.0.2", "fd00::1"), "balance 10.0.0.1: target fd00::1 is of another family"},
		{balance("fd00::1", "10.0.0.2"), "target 10.0.0.2 is of another family"},
		{balance("", "10.0.0.2"), "is not the address of a host"},
		{balance("0.0.0.0", "10.0.0.2"), "is not the address of a host"},
		{balance("fe80::1%eth0", "fe80::2"), "is not the address of a host"},
		{balance("::ffff:10.0.0.1", "::ffff:10.0.0.2"), "is not the address of a host"},
		{balance("10.0.0.1", "224.0.0.1"), "224.0.0.1 is not the address of a host"},
		{proxy(nft.SynProxy{Port: 80}, "10.0.0.1", "10.0.0.1"), "it is balanced already"},
		{proxy(nft.SynProxy{}), "synproxy 0: no port"},
		{proxy(nft.SynProxy{Port: 80, WindowScale: 15}), "synproxy 80: window scale 15 is above 14"},
		{proxy(nft.SynProxy{Port: 80, Address: addr("ff02::1")}), "synproxy [ff02::1]:80: ff02::1 is not the address of a host"},
		{proxy(nft.SynProxy{Port: 80}, "10.0.0.1"), "synproxy 80: the handshakes of 10.0.0.1 are balanced"},
		{proxy(nft.SynProxy{Port: 80, Address: addr("10.0.0.1")}, "10.0.0.1"), "are balanced"},
		{proxy(nft.SynProxy{Port: 80, Address: addr("10.0.0.3")}, "10.0.0.1"), ""},
	} {
		got := ""
		if err := test.rules.Validate(); err != nil {
			got = err.Error()
		}
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.rules, got, test.want)
		}
		if test.want == "" {
			continue
		}
		if err := nft.Install(nil, test.rules); !strings.Contains(err.Error(), test.want) {
			t.Errorf("Install: %v, want %q", err, test.want)
		}
	}
}
