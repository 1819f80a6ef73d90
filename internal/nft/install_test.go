package nft_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"allroads/internal/middlebox"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nft"
)

// TestReplace wants what was installed last, and other tables left alone.
func TestReplace(t *testing.T) {
	ns, other := netnstest.New(t), netnstest.New(t)
	const foreign = "table ip others { chain c { type filter hook forward priority 0; policy drop; }; }"
	program(t, ns, foreign)
	program(t, other, foreign)
	install(t, ns, everything)
	install(t, ns, everything)
	install(t, ns, nft.Ruleset{Masquerade: []string{"eth1"}})
	program(t, other, nft.Ruleset{Masquerade: []string{"eth1"}}.String())
	if diff := cmp.Diff(listing(t, other), listing(t, ns)); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
	install(t, ns, nft.Ruleset{})
	if got := program(t, ns, "list", "table", "inet", "allroads"); strings.Contains(got, "chain") {
		t.Errorf("emptied: %s", got)
	}
}

// TestTooLong wants a refusal to change nothing, settings included.
func TestTooLong(t *testing.T) {
	const loose = "net.netfilter.nf_conntrack_tcp_loose"
	ns := netnstest.New(t)
	must(t, ns.SetSysctl(loose, "1"))
	install(t, ns, nft.Ruleset{Masquerade: []string{"eth1"}})
	before := listing(t, ns)
	r := nft.Ruleset{Rules: slices.Repeat(everything.Rules, 30), SynProxy: []nft.SynProxy{{Port: 1}}}
	if err := nft.Install(ns, r); !errors.Is(err, unix.EMSGSIZE) || !strings.Contains(err.Error(), "give fewer") {
		t.Errorf("error is %v, want %v", err, unix.EMSGSIZE)
	}
	if diff := cmp.Diff(before, listing(t, ns)); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	if got, err := ns.Sysctl(loose); got != "1" || err != nil {
		t.Errorf("%s is %s, %v", loose, got, err)
	}
}

func TestSettings(t *testing.T) {
	ns := netnstest.New(t)
	want := map[string]string{
		"net.netfilter.nf_conntrack_tcp_loose": "0", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_timestamps": "1",
	}
	must(t, ns.SetSysctl("net.ipv4.tcp_timestamps", "0"))
	install(t, ns, nft.Ruleset{SynProxy: []nft.SynProxy{{Port: 1}}})
	for key, value := range want {
		if got, err := ns.Sysctl(key); got != value || err != nil {
			t.Errorf("%s is %s, %v; want %s", key, got, err, value)
		}
	}
}

// TestOrderOfCounters has a counter for each element, as Counters promises.
func TestOrderOfCounters(t *testing.T) {
	ns := netnstest.New(t)
	if got, err := nft.Counters(ns); len(got) != 0 || err != nil {
		t.Errorf("without a table: %v, %v", got, err)
	}
	program(t, ns, `table inet others { chain c { type filter hook forward priority 0; counter comment "not ours"; }; }`)
	r := everything
	r.Rules = []nft.Rule{
		{Rule: middlebox.Rule{Do: middlebox.Strip, Options: options{dss, joining}, Packets: middlebox.Later}, From: "eth0"},
		{Rule: middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.Any}},
	}
	install(t, ns, r)
	got, err := nft.Counters(ns)
	must(t, err)
	want := []nft.Counter{{Rule: "masquerade server2"}, {Rule: "masquerade a-b.c"},
		{Rule: "balance 10.9.0.1"}, {Rule: "balance fd09::1"},
		{Rule: "strip mp_join,dss in later from eth0"}, {Rule: "drop mptcp"},
		{Rule: "synproxy 10.2.0.2:443"}, {Rule: "synproxy [fd02::2]:80"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

func TestClosed(t *testing.T) {
	ns := netnstest.New(t)
	ns.Close()
	_, err := nft.Counters(ns)
	for _, err := range []error{nft.Install(ns, nft.Ruleset{}), err} {
		if err == nil || !strings.Contains(err.Error(), "enter network namespace: use of closed file") {
			t.Errorf("with a closed namespace: %v", err)
		}
	}
}
