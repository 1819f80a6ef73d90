package rtnl_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// view is what ip(8) prints and what a Picture holds, as lines that can be compared.
type view []string

func (v view) String() string { return strings.Join(v, "\n") }

// byIP asks ip(8).
func byIP(t testing.TB, ns *netns.NS) view {
	t.Helper()
	links, names := linksByIP(t, ns)
	v := append(links, addressesByIP(t, ns)...)
	for _, family := range []string{"4", "6"} {
		v = append(v, routesByIP(t, ns, family, names)...)
		v = append(v, rulesByIP(t, ns, family)...)
	}
	return v
}

type linkByIP struct {
	Index  int      `json:"ifindex"`
	Name   string   `json:"ifname"`
	Flags  []string `json:"flags"`
	MTU    int      `json:"mtu"`
	Type   string   `json:"link_type"`
	Master string   `json:"master"`
	Info   struct {
		Kind string `json:"info_kind"`
	} `json:"linkinfo"`
}

func (l linkByIP) has(flag string) bool { return slices.Contains(l.Flags, flag) }

// linkState is what IFF_RUNNING goes with, which ip does not print: NO-CARRIER stands
// for IFF_UP without it.
func linksByIP(t testing.TB, ns *netns.NS) (lines view, byName map[string]linkByIP) {
	t.Helper()
	hardware := map[string]uint16{"loopback": unix.ARPHRD_LOOPBACK, "ether": unix.ARPHRD_ETHER, "none": unix.ARPHRD_NONE}
	links := ask[linkByIP](t, ns, "ip -j -d link show")
	byName = map[string]linkByIP{}
	for _, l := range links {
		byName[l.Name] = l
	}
	for _, l := range links {
		up := l.has("UP")
		lines = append(lines, fmt.Sprintf("link %d %s kind=%s hardware=%d up=%v running=%v loopback=%v p2p=%v mtu=%d master=%d",
			l.Index, l.Name, l.Info.Kind, hardware[l.Type], up, up && !l.has("NO-CARRIER") && (l.has("LOWER_UP") || l.Type == "loopback"),
			l.has("LOOPBACK"), l.has("POINTOPOINT"), l.MTU, byName[l.Master].Index))
	}
	return lines, byName
}

type addressByIP struct {
	Index int `json:"ifindex"`
	Info  []struct {
		Local, Address                                          netip.Addr
		Length                                                  int `json:"prefixlen"`
		Tentative, Deprecated, Temporary, DADFailed, Optimistic bool
		Valid                                                   uint32 `json:"valid_life_time"`
		Preferred                                               uint32 `json:"preferred_life_time"`
	} `json:"addr_info"`
}

func addressesByIP(t testing.TB, ns *netns.NS) (lines view) {
	t.Helper()
	for _, link := range ask[addressByIP](t, ns, "ip -j addr show") {
		for _, a := range link.Info {
			lines = append(lines, fmt.Sprintf("address %d %v/%d peer=%v tentative=%v deprecated=%v temporary=%v dadfailed=%v forever=%v/%v",
				link.Index, a.Local, a.Length, a.Address, a.Tentative && !a.Optimistic, a.Deprecated, a.Temporary, a.DADFailed,
				a.Preferred == 1<<32-1, a.Valid == 1<<32-1))
		}
	}
	slices.Sort(lines)
	return lines
}

type hopByIP struct {
	Gateway netip.Addr `json:"gateway"`
	Via     struct {
		Host netip.Addr `json:"host"`
	} `json:"via"`
	Dev   string   `json:"dev"`
	Flags []string `json:"flags"`
}

type routeByIP struct {
	hopByIP
	Type     string     `json:"type"`
	To       string     `json:"dst"`
	From     string     `json:"from"`
	Table    string     `json:"table"`
	Protocol string     `json:"protocol"`
	Metric   uint32     `json:"metric"`
	Source   netip.Addr `json:"prefsrc"`
	Hops     []hopByIP  `json:"nexthops"`
}

// routesByIP gives default routes that can be used and Protocol's.
func routesByIP(t testing.TB, ns *netns.NS, family string, links map[string]linkByIP) (defaults view) {
	t.Helper()
	own := view{}
	for _, r := range ask[routeByIP](t, ns, "ip -N -j -d -"+family+" route show table all") {
		hops := r.Hops
		if len(hops) == 0 {
			hops = []hopByIP{r.hopByIP}
		}
		for _, h := range hops {
			via := h.Gateway
			if !via.IsValid() {
				via = h.Via.Host
			}
			line := fmt.Sprintf("%s from=%s via=%v link=%d source=%v table=%s metric=%d protocol=%s", r.To, r.From, via,
				links[h.Dev].Index, r.Source, cmp.Or(r.Table, "254"), r.Metric, r.Protocol)
			if r.Protocol == strconv.Itoa(rtnl.Protocol) {
				own = append(own, "own "+line)
			}
			flags := append(slices.Clone(r.Flags), h.Flags...)
			unusable := slices.Contains(flags, "dead") || slices.Contains(flags, "linkdown")
			if r.To == "default" && cmp.Or(r.Type, "1") == "1" && !unusable {
				defaults = append(defaults, "default "+line)
			}
		}
	}
	slices.Sort(defaults)
	slices.Sort(own)
	return append(defaults, own...)
}

func rulesByIP(t testing.TB, ns *netns.NS, family string) (lines view) {
	t.Helper()
	known := []string{"priority", "src", "srclen", "dst", "dstlen", "table", "protocol"}
	for _, r := range ask[map[string]any](t, ns, "ip -N -j -d -"+family+" rule show") {
		other := false
		for key := range r {
			other = other || !slices.Contains(known, key)
		}
		get := func(key, missing string) string {
			if value, ok := r[key]; ok {
				return fmt.Sprint(value)
			}
			return missing
		}
		length := map[string]string{"4": "32", "6": "128"}[family]
		lines = append(lines, fmt.Sprintf("rule -%s %s from=%s/%s to=%s/%s table=%s protocol=%s other=%v", family, get("priority", ""),
			get("src", ""), get("srclen", length), get("dst", "all"), get("dstlen", length), get("table", "0"), get("protocol", "0"), other))
	}
	slices.Sort(lines)
	return lines
}

// byPicture draws a Picture the same way.
func byPicture(p *rtnl.Picture) (v view) {
	indices := []int{}
	for index := range p.Links {
		indices = append(indices, index)
	}
	slices.Sort(indices)
	for _, index := range indices {
		l := p.Links[index]
		v = append(v, fmt.Sprintf("link %d %s kind=%s hardware=%d up=%v running=%v loopback=%v p2p=%v mtu=%d master=%d",
			l.Index, l.Name, l.Kind, l.Hardware, l.Up, l.Running, l.Loopback, l.PointToPoint, l.MTU, l.Master))
	}
	addresses := view{}
	for _, a := range p.Addresses {
		addresses = append(addresses, fmt.Sprintf("address %d %v peer=%v tentative=%v deprecated=%v temporary=%v dadfailed=%v forever=%v/%v",
			a.Link, a.Prefix, a.Peer, a.Tentative(), a.Deprecated(), a.Temporary(), a.DADFailed(), a.Preferred == -1, a.Valid == -1))
	}
	slices.Sort(addresses)
	v = append(v, addresses...)
	for _, is4 := range []bool{true, false} {
		v = append(v, drawHops("default ", p.Defaults, is4)...)
		v = append(v, drawHops("own ", p.Own, is4)...)
		v = append(v, drawRules(p.Rules, is4)...)
	}
	return v
}

func drawHops(word string, hops []rtnl.Hop, is4 bool) (lines view) {
	for _, h := range hops {
		if h.To.Addr().Is4() != is4 {
			continue
		}
		to, from := strings.TrimSuffix(strings.TrimSuffix(h.To.String(), "/32"), "/128"), ""
		if h.To.Bits() == 0 {
			to = "default"
		}
		if h.From.IsValid() {
			from = h.From.String()
		}
		lines = append(lines, fmt.Sprintf("%s%s from=%s via=%v link=%d source=%v table=%d metric=%d protocol=%d", word, to, from, h.Via,
			h.Link, h.Source, h.Table, h.Metric, h.Protocol))
	}
	slices.Sort(lines)
	return lines
}

func drawRules(rules []rtnl.PolicyRule, is4 bool) (lines view) {
	any := func(p netip.Prefix, length string) string {
		if !p.IsValid() {
			return "all/" + length
		}
		return p.String()
	}
	family, length := "6", "128"
	if is4 {
		family, length = "4", "32"
	}
	for _, r := range rules {
		if (r.Family == unix.AF_INET) == is4 {
			lines = append(lines, fmt.Sprintf("rule -%s %d from=%s to=%s table=%d protocol=%d other=%v", family, r.Priority,
				any(r.From, length), any(r.To, length), r.Table, r.Protocol, r.Other))
		}
	}
	slices.Sort(lines)
	return lines
}

// agree waits until the Picture is what ip prints, which is when all messages are read.
// Nobody may call Next meanwhile.
func agree(t testing.TB, ns *netns.NS, o *rtnl.Observer) {
	t.Helper()
	var want, got view
	for range 100 {
		next(t, o, 20*time.Millisecond)
		before := byIP(t, ns)
		next(t, o, time.Millisecond)
		got, want = byPicture(o.Picture()), byIP(t, ns)
		if slices.Equal(want, got) && slices.Equal(before, want) {
			return
		}
	}
	t.Fatalf("ip prints\n%v\nthe picture is\n%v", missing(want, got), missing(got, want))
}

// missing is what is in one and not in the other.
func missing(a, b view) (lines view) {
	for _, line := range a {
		if !slices.Contains(b, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ip runs commands of ip(8).
func ip(t testing.TB, ns *netns.NS, commands ...string) {
	t.Helper()
	for _, command := range commands {
		netnstest.Output(t, ns, "ip "+command)
	}
}
