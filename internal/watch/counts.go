package watch

import "allroads/mptcp"

// reason is one of the Unknown.
type reason uint8

const (
	tooShort reason = iota
	neverSeen
	notAllowed
	tooMany
	barredProcess
	noListing
	tooManyAccepted
	reasons
)

var reasonTexts = [reasons]string{
	tooShort:        "connected, and closed before it could be looked at",
	neverSeen:       "closed, and not seen to connect: it never did, or too shortly",
	notAllowed:      "in a process that may not be looked into",
	tooMany:         "more sockets at once than are watched",
	barredProcess:   "processes that may not be looked into: their sockets",
	noListing:       "listeners whose connections cannot be listed (another network namespace, no tcp_diag): what they accepted",
	tooManyAccepted: "more accepted connections at once than are watched",
}

func reasonOf(err error) reason {
	if err == errBarred {
		return notAllowed
	}
	return neverSeen
}

// counts is what is known for good. It does not grow.
type counts struct {
	sockets, failed, listening int
	fallen                     [mptcp.CauseFail + 1]int
	subflows, acceptedSubflows [256]int
	acceptedFallen, plain      int
	unknown                    [reasons]int
	unconnected                int
	bytes                      Bytes
}

// add counts a socket as what it is, or was at the end.
func (c *counts) add(s *socket) {
	switch {
	case s.stage == connected && s.fallback:
		c.fallen[min(s.cause, mptcp.CauseFail)]++
	case s.stage == connected:
		c.subflows[s.most]++
		c.bytes.Sent += s.bytes.Sent
		c.bytes.Received += s.bytes.Received
	case s.stage == listening:
		c.listening++
		if s.unlisted {
			c.unknown[noListing]++
		}
	case s.stage == failed:
		c.failed++
	case s.again:
		// What it was before has been counted.
	case s.barred:
		c.unknown[notAllowed]++
	case s.touched:
		c.unknown[tooShort]++
	case s.gone:
		c.unknown[neverSeen]++
	default:
		c.unconnected++
	}
}

// addAccepted counts a connection of a listener.
func (c *counts) addAccepted(k acceptedKey, a accepted) {
	switch {
	case k.plain:
		c.plain++
	case a.fallback:
		c.acceptedFallen++
	default:
		c.acceptedSubflows[a.most]++
	}
}
