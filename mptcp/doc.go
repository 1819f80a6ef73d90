// Package mptcp makes Multipath TCP sockets (RFC 8684) and reads what the
// kernel knows about them: whether a connection really is multipath, its
// counters, and its subflows in their true state.
//
// Dialer and Listen make sockets that are MPTCP from the start and never plain
// TCP because of something missing here; whether the other end agreed is what
// IsMPTCP tells. ReadInfo, ReadSubflows and IsMPTCP work on any syscall.Conn,
// so also on a *net.TCPConn that package net made.
//
// MPTCP sockets need Linux 5.6 or newer; reading them 5.16. Elsewhere every
// function answers ErrNotSupported.
package mptcp
