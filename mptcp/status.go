package mptcp

import (
	"fmt"
	"strconv"
	"syscall"
)

// Status is what became of a socket.
type Status struct {
	Kind  Kind
	Cause FallbackCause // of KindFallback; CauseUnknown for the others
}

// String says it in a sentence: "mptcp", "plain tcp", "fell back to tcp", "fell
// back to tcp: " and the cause.
func (s Status) String() string {
	if s.Kind != KindFallback || s.Cause == CauseUnknown {
		return s.Kind.String()
	}
	return s.Kind.String() + ": " + s.Cause.String()
}

// Kind is what a socket does.
type Kind uint8

// What a socket may be.
const (
	KindUnknown  Kind = iota
	KindMPTCP         // multipath, or made for it and not connected yet
	KindFallback      // made for MPTCP, and fell back to TCP (RFC 8684, section 3.7): for good
	KindTCP           // TCP from the start, also when accepted by an MPTCP listener
)

var kindNames = [...]string{
	KindUnknown: "unknown", KindMPTCP: "mptcp", KindFallback: "fell back to tcp", KindTCP: "plain tcp",
}

// String returns "mptcp", "fell back to tcp", "plain tcp" or "unknown".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// ReadStatus tells whether a socket does MPTCP. A listener and a socket that is not
// connected yet answer for what they were made as. KindMPTCP can become KindFallback
// later, the others stay. It takes Linux 5.16; before, a fallback cannot be seen and
// the error is an ErrNotSupported.
//
// Of a connection that fell back, it finds the cause as far as that is certain: from
// what sock_diag tells about the subflow (CONFIG_INET_DIAG, CONFIG_INET_MPTCP_DIAG),
// and from which fallbacks the network namespace has counted at all
// (/proc/net/netstat). If more than one fits, or the caller may not look into the
// socket's namespace (from another one, that takes CAP_NET_ADMIN and CAP_SYS_ADMIN),
// it is CauseUnknown.
func ReadStatus(c syscall.Conn) (Status, error) {
	status, err := control(c, readStatus)
	if err != nil {
		return Status{}, fmt.Errorf("read mptcp status: %w", err)
	}
	return status, nil
}
