package watch

import (
	"io"
	"net/netip"

	"allroads/internal/inetdiag"
	"allroads/internal/nl"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Of other states are also what is left of subflows, which looks the same.
const plainStates = 1<<mptcp.StateEstablished | 1<<mptcp.StateCloseWait

// listPlain goes through the TCP connections that listeners have accepted without MPTCP.
// The kernel picks them by their port.
func (w *Watcher) listPlain(in *space, cookie uint64, s *search) error {
	asked := map[plainRequest]bool{}
	for _, l := range s.listeners {
		for _, r := range plainRequests(l) {
			if asked[r] {
				continue
			}
			asked[r] = true
			if err := w.listPort(in, cookie, s, r); err != nil {
				return err
			}
		}
	}
	return nil
}

type plainRequest struct {
	family uint8
	port   uint16
}

// plainRequests are in which families a listener's connections may be: IPv4 over an IPv6
// socket is the latter.
func plainRequests(l netip.AddrPort) []plainRequest {
	v4, v6 := plainRequest{unix.AF_INET, l.Port()}, plainRequest{unix.AF_INET6, l.Port()}
	if l.Addr().Is4() {
		return []plainRequest{v4, v6} // ::ffff:a.b.c.d reads the same.
	}
	return []plainRequest{v6}
}

func (w *Watcher) listPort(in *space, cookie uint64, s *search, r plainRequest) error {
	request := inetdiag.Request{
		Family: r.family, Protocol: unix.IPPROTO_TCP, States: plainStates,
		ID: inetdiag.ID{LocalPort: r.port, Cookie: inetdiag.NoCookie},
	}
	err := in.plain.Ask(inetdiag.ByFamily, unix.NLM_F_DUMP, request.Append(nil))
	for err == nil {
		var b []byte
		if b, err = in.plain.Next(); err == nil {
			w.acceptPlain(b, cookie, s)
		}
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// acceptPlain takes a struct inet_diag_msg and its attributes.
func (w *Watcher) acceptPlain(b []byte, cookie uint64, s *search) {
	if len(b) < inetdiag.MessageLen || isSubflow(b[inetdiag.MessageLen:]) {
		return
	}
	var id inetdiag.ID
	id.Decode(b[4:])
	local, _ := id.Addrs(b[0])
	w.accept(s, acceptedKey{cookie, id.Cookie, true}, local, accepted{})
}

func isSubflow(attributes nl.Attributes) bool {
	ulp := nl.Attributes(attributes.Find(inetdiag.AttrULPInfo))
	return string(ulp.Find(inetdiag.ULPName)) == "mptcp\x00"
}
