package mptcp

import "strconv"

// FallbackCause is why a connection fell back to TCP. Names in parentheses are
// the kernel's counters, as `nstat` prints them with MPTcpExt before.
type FallbackCause uint8

// The causes that the kernel tells apart. Those of the handshake are this end's
// when it is the one that connects: an accepted connection of which the handshake
// already lacked MPTCP is of KindTCP.
const (
	CauseUnknown FallbackCause = iota

	// CauseSYNACK: the answer to the SYN had no MP_CAPABLE (MPCapableFallbackSYNACK).
	// The peer does not do MPTCP, or something on the way took the option out of the
	// SYN or the SYN/ACK: from here that looks the same.
	CauseSYNACK
	// CauseDropped: SYNs with MP_CAPABLE had no answer, then one without had
	// (MPCapableSYNTXDrop; sysctl net.mptcp.syn_retrans_before_tcp_fallback).
	CauseDropped
	// CauseDisabled: MPTCP is not tried for a while, because connections before met
	// with CauseDropped (MPCapableSYNTXDisabled; sysctl net.mptcp.blackhole_timeout).
	CauseDisabled
	// CauseToken: no token was free for a new connection (MPFallbackTokenInit).
	CauseToken
	// CauseMD5: the socket has a key for TCP MD5 signatures, which leave no room for
	// MPTCP's options (MD5SigFallback).
	CauseMD5
	// CauseSimultaneous: both ends connected to each other at once
	// (SimultConnectFallback). Before Linux 6.17 that counts as CauseSYNACK.
	CauseSimultaneous

	// CauseFirstData: after a complete handshake, the first packet from the peer had
	// no MPTCP option (MPCapableDataFallback).
	CauseFirstData
	// CauseMapping: data came without a valid mapping: without any, with a wrong
	// checksum, or with the infinite one by which the peer falls back (DssFallback).
	CauseMapping
	// CauseCorruption: mappings contradicted each other or the data received
	// (DSSCorruptionFallback).
	CauseCorruption
	// CauseFail: the peer said by MP_FAIL that a checksum was wrong (InfiniteMapTx).
	CauseFail

	causeCount
)

var causeTexts = [causeCount]string{
	CauseUnknown:      "cause unknown",
	CauseSYNACK:       "the answer came without mptcp",
	CauseDropped:      "only a syn without mptcp was answered",
	CauseDisabled:     "mptcp is off for a while after syns with it were not answered",
	CauseToken:        "no token was free",
	CauseMD5:          "the socket signs with tcp md5",
	CauseSimultaneous: "both ends connected at once",
	CauseFirstData:    "the peer's first packet came without mptcp",
	CauseMapping:      "data came without a valid mapping",
	CauseCorruption:   "mappings did not fit the data",
	CauseFail:         "the peer found a wrong checksum",
}

// String says the cause in words, of CauseUnknown too.
func (c FallbackCause) String() string {
	if c < causeCount {
		return causeTexts[c]
	}
	return "FallbackCause(" + strconv.Itoa(int(c)) + ")"
}
