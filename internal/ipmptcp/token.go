package ipmptcp

import (
	"fmt"
	"net/netip"
	"strings"

	"allroads/pathmanager"
	"allroads/sockdiag"
)

// readToken reads which connection is meant: its token, or an ADDR:PORT that only
// it has.
func (s *session) readToken(line *words) (*pathmanager.Token, error) {
	word, more := line.next()
	if !more {
		return nil, required("TOKEN")
	}
	if at, err := netip.ParseAddrPort(word); err == nil && at.Port() != 0 {
		return s.tokenOf(word, at)
	}
	token, err := pathmanager.ParseToken(word)
	if err != nil {
		return nil, wrong(word, "invalid token, 1 to 8 hexadecimal digits or ADDR:PORT expected")
	}
	return &token, nil
}

// tokenOf finds the connection that has an address here; or if none has, the one
// whose peer does.
func (s *session) tokenOf(word string, at netip.AddrPort) (*pathmanager.Token, error) {
	here, there, err := s.tokensOf(at)
	if err != nil {
		return nil, &exit{"Error: find the connection of " + word + ": " + err.Error() + "\n", codeAddress}
	}
	if len(here) == 0 {
		here = there
	}
	switch len(here) {
	case 0:
		return nil, wrong(word, "no MPTCP connection has this address")
	case 1:
		return &here[0], nil
	}
	return nil, wrong(word, fmt.Sprintf("%d connections have this address, name one by its token: %s", len(here), listed(here)))
}

// tokensOf lists the connections that have an address at this end, and at the
// other.
func (s *session) tokensOf(at netip.AddrPort) (here, there []pathmanager.Token, err error) {
	conn, err := sockdiag.Dial(s.ctx, s.fd())
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	for c, err := range conn.Connections(s.ctx, sockdiag.Filter{Addr: at.Addr(), Port: at.Port()}) {
		if err != nil {
			return nil, nil, err
		}
		token := pathmanager.Token(c.Info.Token)
		if hasHere(c, at) {
			here = append(here, token)
		} else {
			there = append(there, token)
		}
	}
	return here, there, nil
}

// hasHere reports whether an address is of this end of a connection.
func hasHere(c *sockdiag.Connection, at netip.AddrPort) bool {
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	for i := range c.Subflows {
		if c.Subflows[i].Local == at {
			return true
		}
	}
	return c.Local == at
}

// maxListed is how many tokens an error names.
const maxListed = 8

func listed(tokens []pathmanager.Token) string {
	var names []string
	for _, token := range tokens[:min(len(tokens), maxListed)] {
		names = append(names, token.String())
	}
	if len(tokens) > maxListed {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}
