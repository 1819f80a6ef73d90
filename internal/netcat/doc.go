// Package netcat joins standard input and output, or a program, to a connection,
// as ncat does, over MPTCP. What the peer refuses and the network loses is a
// *PeerError; any other error is this system's.
package netcat
