package netcat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Family is what addresses are wanted.
type Family int

// The families there are.
const (
	AnyFamily Family = 0
	IPv4      Family = 4
	IPv6      Family = 6
)

// has reports whether an address is of the family.
func (f Family) has(a netip.Addr) bool {
	return f == AnyFamily || (f == IPv4) == a.Is4()
}

// ErrNotNumeric is the error for a name where only addresses are allowed.
var ErrNotNumeric = errors.New("not a numeric address")

// Resolve finds the addresses of a host, those to be tried first in front
// (RFC 6724). An IPv4 address is never in IPv6 form. A name that has none is a
// *PeerError; one that is no address, where numeric allows nothing else, is an
// ErrNotNumeric.
func Resolve(ctx context.Context, host string, family Family, numeric bool) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if a = a.Unmap(); !family.has(a) {
			return nil, &PeerError{fmt.Errorf("resolve %s: not an IPv%d address", host, family)}
		}
		return []netip.Addr{a}, nil
	}
	if numeric {
		return nil, fmt.Errorf("%q: %w", host, ErrNotNumeric)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &PeerError{fmt.Errorf("resolve %s: %w", host, lookupWords(err))}
	}
	return ofFamily(host, found, family)
}

func ofFamily(host string, found []netip.Addr, family Family) (wanted []netip.Addr, err error) {
	for _, a := range found {
		if a = a.Unmap(); family.has(a) {
			wanted = append(wanted, a)
		}
	}
	if len(wanted) == 0 {
		return nil, &PeerError{fmt.Errorf("resolve %s: it has no IPv%d address", host, family)}
	}
	return wanted, nil
}

// lookupWords says the host's name once only.
func lookupWords(err error) error {
	dns := (*net.DNSError)(nil)
	if !errors.As(err, &dns) {
		return err
	}
	if dns.Server != "" {
		return fmt.Errorf("%s (name server %s)", dns.Err, dns.Server)
	}
	return errors.New(dns.Err)
}
