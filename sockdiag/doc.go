// Package sockdiag lists the live Multipath TCP connections of a network
// namespace, each with its subflows in their true state, from the kernel's
// sock_diag interface: the one that `ss -M` and `ss -ti` read in two halves.
//
// A connection and its subflows come from two dumps of the kernel, joined by
// the token (RFC 8684, section 3.2). What changed between the two is read
// again, and marked when it still does not fit: see Connection.Changing.
//
// # What cannot be seen
//
// A connection that was accepted without MPTCP, because the peer or something on
// the way has none, is a plain TCP socket on this end, and is not listed: nothing
// tells it from others. On the end that connected it is listed, with
// Info.Fallback, as is either end of a connection that fell back later.
//
// When a connection has ended, TCP may go on for a while to close its subflows, up
// to TIME_WAIT. Those belong to no connection any more, and are not listed. Nor are
// connections listed of which the handshake is not complete at the accepting end.
//
// It takes Linux 5.9 or newer with CONFIG_INET_MPTCP_DIAG, and needs no rights
// but for what Connection.Mark and Subflow.Details name. Elsewhere every function
// answers ErrNotSupported.
package sockdiag
