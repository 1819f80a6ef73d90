package choose

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
)

// ports are the ports of a rule, both ends included.
type ports struct{ first, last uint16 }

// everyPort includes 0, which bind() may be given.
var everyPort = ports{0, 65535}

// rule is one rule, or that for one of a name's addresses.
type rule struct {
	network netip.Prefix // zero: any host
	ports   ports
}

// rules are kept so that a look at them takes a step for each length of prefix in
// use, and not for each rule.
type rules struct {
	any      []ports // sorted, apart from each other
	networks map[netip.Prefix][]ports
	bits4    []int // the lengths in use
	bits6    []int
}

// index sorts rules that are resolved.
func index(list []parsed) (r rules) {
	r.networks = map[netip.Prefix][]ports{}
	for _, p := range list {
		for _, one := range p.rules {
			r.add(one)
		}
	}
	r.any = merge(r.any)
	for network, p := range r.networks {
		r.networks[network] = merge(p)
		bits := &r.bits6
		if network.Addr().Is4() {
			bits = &r.bits4
		}
		if !slices.Contains(*bits, network.Bits()) {
			*bits = append(*bits, network.Bits())
		}
	}
	return r
}

func (r *rules) add(one rule) {
	if !one.network.IsValid() {
		r.any = append(r.any, one.ports)
		return
	}
	r.networks[one.network] = append(r.networks[one.network], one.ports)
}

// merge joins ranges that overlap or touch.
func merge(list []ports) []ports {
	slices.SortFunc(list, func(a, b ports) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.last, a.last)) })
	out := list[:0]
	for _, p := range list {
		if n := len(out); n > 0 && int(p.first) <= int(out[n-1].last)+1 {
			out[n-1].last = max(out[n-1].last, p.last)
			continue
		}
		out = append(out, p)
	}
	return out
}

func (r *rules) empty() bool { return len(r.any) == 0 && len(r.networks) == 0 }

func (r *rules) match(ip netip.Addr, port uint16) bool {
	if within(r.any, port) {
		return true
	}
	lengths := r.bits6
	if ip.Is4() {
		lengths = r.bits4
	}
	for _, bits := range lengths {
		network, err := ip.Prefix(bits)
		if err == nil && within(r.networks[network], port) {
			return true
		}
	}
	return false
}

func within(list []ports, port uint16) bool {
	_, found := slices.BinarySearchFunc(list, port, func(p ports, port uint16) int {
		switch {
		case p.last < port:
			return -1
		case p.first > port:
			return 1
		}
		return 0
	})
	return found
}

// texts are the rules as New reads them, in an order of their own.
func (r *rules) texts() (texts []string) {
	for _, p := range r.any {
		texts = append(texts, rule{ports: p}.String())
	}
	networks := make([]netip.Prefix, 0, len(r.networks))
	for network := range r.networks {
		networks = append(networks, network)
	}
	slices.SortFunc(networks, netip.Prefix.Compare)
	for _, network := range networks {
		for _, p := range r.networks[network] {
			texts = append(texts, rule{network, p}.String())
		}
	}
	return texts
}

// String is the rule as New reads it.
func (r rule) String() string {
	if !r.network.IsValid() {
		return r.ports.String()
	}
	host := r.network.Addr().String()
	if r.network.Addr().Is6() && r.ports != everyPort {
		host = "[" + host + "]"
	}
	if !r.network.IsSingleIP() {
		host += "/" + strconv.Itoa(r.network.Bits())
	}
	return host + r.ports.String()
}

// String is what comes behind the host.
func (p ports) String() string {
	switch {
	case p == everyPort:
		return ""
	case p.first == p.last:
		return ":" + strconv.Itoa(int(p.first))
	}
	return ":" + strconv.Itoa(int(p.first)) + "-" + strconv.Itoa(int(p.last))
}
