package choose

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// Chooser is a set of rules. It may be used by any number of goroutines; nil chooses
// everything.
type Chooser struct{ only, except rules }

// New reads rules. What --only names is chosen, or everything when it names nothing,
// save what --except names. Names are looked up now, all addresses of each, which
// takes a program's network and time: at most lookupLimit. The error is of type
// *RuleError or *LookupError.
func New(ctx context.Context, only, except []string) (*Chooser, error) {
	l := newLookup(ctx)
	defer l.close()
	chosen, err := l.parseAll("--only", only)
	if err != nil {
		return nil, err
	}
	excepted, err := l.parseAll("--except", except)
	if err != nil {
		return nil, err
	}
	if err := l.resolve(chosen, excepted); err != nil {
		return nil, err
	}
	return &Chooser{index(chosen), index(excepted)}, nil
}

// Remote reports whether a connection to an address is chosen. Linux takes 0.0.0.0
// and :: there for the loopback address, and so does Remote.
func (c *Chooser) Remote(a netip.AddrPort) bool {
	ip := a.Addr().Unmap()
	switch ip {
	case netip.IPv4Unspecified():
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case netip.IPv6Unspecified():
		ip = netip.IPv6Loopback()
	}
	return c.chosen(ip, a.Port())
}

// Local reports whether a server at an address is chosen. Port 0, for the kernel to
// find one, is in no rule that has ports.
func (c *Chooser) Local(a netip.AddrPort) bool { return c.chosen(a.Addr().Unmap(), a.Port()) }

func (c *Chooser) chosen(ip netip.Addr, port uint16) bool {
	if c == nil {
		return true
	}
	ip = ip.WithZone("")
	return (c.only.empty() || c.only.match(ip, port)) && !c.except.match(ip, port)
}

// Args are the rules with names and services as they were looked up, as arguments of
// a command that has --only and --except: New makes an equal Chooser of them, without
// another look.
func (c *Chooser) Args() []string {
	if c == nil {
		return nil
	}
	var args []string
	for _, rule := range c.only.texts() {
		args = append(args, "--only="+rule)
	}
	for _, rule := range c.except.texts() {
		args = append(args, "--except="+rule)
	}
	return args
}

// String is for messages: "only 192.0.2.1:443, except :22", or "all".
func (c *Chooser) String() string {
	if c == nil {
		return "all"
	}
	var parts []string
	if !c.only.empty() {
		parts = append(parts, "only "+strings.Join(c.only.texts(), " "))
	}
	if !c.except.empty() {
		parts = append(parts, "except "+strings.Join(c.except.texts(), " "))
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, ", ")
}

// Equal reports whether two choosers have the same rules, in whatever order and
// however they were written.
func (c *Chooser) Equal(other *Chooser) bool { return slices.Equal(c.Args(), other.Args()) }
