// Package mptcp makes Multipath TCP sockets (RFC 8684) and reads what the
// kernel knows about them: whether a connection really is multipath, and if not,
// why; its counters; and its subflows in their true state.
//
// A Dialer returns connections that do MPTCP, or an error; plain TCP only when it
// is allowed to. It can begin a connection over several interfaces at once, which
// the kernel does not: it tries the preferred path, however dead. Listen accepts
// clients with MPTCP and without; Conn.Status tells which.
//
// ReadStatus, ReadInfo, ReadSubflows and ReadTCP work on any syscall.Conn, so also
// on a *net.TCPConn that package net made. What a kernel does not tell is a nil
// pointer, never a zero.
//
// Compatible knows which socket options work on TCP and not on MPTCP.
//
// MPTCP sockets need Linux 5.6 or newer; reading them 5.16. Elsewhere all of this
// answers ErrNotSupported, but for a Dialer that allows TCP.
package mptcp
