package lab

import (
	"net/netip"

	"allroads/internal/document"
	"allroads/internal/nft"
)

// RouterConfig describes a router: a host that forwards packets, of both IP
// versions, and may be a middlebox that does more with them than that.
type RouterConfig struct {
	HostConfig `yaml:",inline"`
	// Masquerade are interfaces: what leaves by one has its address (NAT).
	Masquerade []string `yaml:"masquerade,omitempty" json:"masquerade,omitempty"`
	// Balance makes it a load balancer.
	Balance []BalanceConfig `yaml:"balance,omitempty" json:"balance,omitempty"`
	// SYNProxy are TCP ports whose handshakes it answers itself.
	SYNProxy []uint16 `yaml:"synproxy,omitempty" json:"synproxy,omitempty"`
	// Middlebox is what it does to MPTCP, by the kernel's nftables.
	Middlebox []RouterRule `yaml:"middlebox,omitempty" json:"middlebox,omitempty"`
}

// BalanceConfig is a load balancer's: each new TCP connection to an address goes
// to the next of some servers. That of an MP_JOIN is a new one to it, too.
type BalanceConfig struct {
	Address netip.Addr   `yaml:"address" json:"address"`
	To      []netip.Addr `yaml:"to" json:"to"`
}

// RouterRule is what a router does to packets that it forwards.
type RouterRule struct {
	MiddleboxRule `yaml:",inline"`
	Dev           string `yaml:"dev,omitempty" json:"dev,omitempty"` // the interface they come in by; "": any
}

// routerSysctls make a host a router, where its own settings say nothing else.
var routerSysctls = map[string]string{
	"net.ipv4.ip_forward":          "1",
	"net.ipv6.conf.all.forwarding": "1",
	"net.ipv4.conf.all.rp_filter":  "0",
}

// meddles reports whether the router does more than forwarding.
func (r *RouterConfig) meddles() bool {
	return len(r.Masquerade)+len(r.Balance)+len(r.SYNProxy)+len(r.Middlebox) > 0
}

// meddles reports whether a host is a router that does more than forwarding.
func (t *Topology) meddles(host string) bool {
	for i := range t.Routers {
		if t.Routers[i].Name == host {
			return t.Routers[i].meddles()
		}
	}
	return false
}

func (r *RouterConfig) ruleset() (nft.Ruleset, error) {
	set := nft.Ruleset{Masquerade: r.Masquerade}
	for _, b := range r.Balance {
		set.Balance = append(set.Balance, nft.Balance{Address: b.Address, To: b.To})
	}
	for _, port := range r.SYNProxy {
		set.SynProxy = append(set.SynProxy, nft.SynProxy{Port: port})
	}
	for _, config := range r.Middlebox {
		rule, err := config.rule()
		if err != nil {
			return set, err
		}
		set.Rules = append(set.Rules, nft.Rule{Rule: rule, From: config.Dev})
	}
	return set, nil
}

func routerSteps(r *RouterConfig) []Step {
	set, err := r.ruleset()
	if err != nil || !r.meddles() {
		return nil // Validate has seen to errors.
	}
	return []Step{step(
		func(l *Lab) error { return nft.Install(l.hosts[r.Name].ns, set) },
		"ip netns exec %s nft '%s'", r.Name, set)}
}

func (v *validator) router(t *Topology, at document.Place, r *RouterConfig) {
	for i, name := range r.Masquerade {
		v.device(t, at.Sub("masquerade", i), r.Name, "masquerade", name)
	}
	for i, rule := range r.Middlebox {
		if rule.Dev != "" {
			v.device(t, at.Sub("middlebox", i, "dev"), r.Name, "middlebox", rule.Dev)
		}
	}
	set, err := r.ruleset()
	if err == nil && r.meddles() {
		err = set.Validate()
	}
	if err != nil {
		v.complain(at.Sub("middlebox"), "router %s: %w", r.Name, err)
	}
}

func (v *validator) device(t *Topology, at document.Place, host, what, name string) {
	if !t.hasInterface(host, name) {
		v.complain(at, "host %s: %s: no interface %q", host, what, name)
	}
}
