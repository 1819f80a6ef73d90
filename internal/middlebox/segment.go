package middlebox

import (
	"bytes"
	"encoding/binary"
	"iter"

	"allroads/wire"
)

// Where things are in a TCP header (RFC 9293, section 3.1).
const (
	tcpMinimum  = 20 // bytes without options
	tcpOffset   = 12 // the high nibble is the header's length in 32-bit words
	tcpFlags    = 13
	tcpChecksum = 16
)

// A segment is a TCP segment where it lies in a frame.
type segment struct {
	source, destination []byte // IP addresses
	tcp                 []byte // header and payload
	header              int    // bytes of tcp that are header
	options             subtypes
}

// parse finds the segment in a frame, if there is a whole one.
func (s *segment) parse(frame []byte) bool {
	etherType, packet := untag(frame)
	switch etherType {
	case etherIPv4:
		s.parseIPv4(packet)
	case etherIPv6:
		s.parseIPv6(packet)
	}
	if len(s.tcp) < tcpMinimum {
		return false
	}
	s.header = int(s.tcp[tcpOffset]>>4) * 4
	if s.header < tcpMinimum || s.header > len(s.tcp) {
		return false
	}
	for _, option := range s.mptcp() {
		s.options |= setOf(option.Subtype())
	}
	return true
}

// mptcp yields the MPTCP options and where in the segment they are, up to the
// first option whose length cannot be: those before it count for receivers too.
// One too short for a subtype is none.
func (s *segment) mptcp() iter.Seq2[int, wire.Option] {
	return func(yield func(int, wire.Option) bool) {
		rest := s.tcp[tcpMinimum:s.header]
		for len(rest) > 0 {
			option, behind, _ := wire.Next(rest)
			if option != nil && !yield(s.header-len(behind)-len(option), option) {
				return
			}
			rest = behind
		}
	}
}

func (s *segment) is(m flagMatch) bool { return s.tcp[tcpFlags]&m.mask == m.want }

func (s *segment) payload() []byte { return s.tcp[s.header:] }

// nops is as long as all options together can be.
var nops = bytes.Repeat([]byte{1}, 60-tcpMinimum)

// strip overwrites options with NOPs (kind 1), as the kernel's
// net/netfilter/nft_exthdr.c does.
func (s *segment) strip(which subtypes) (changed bool) {
	if s.options&which == 0 {
		return false
	}
	for at, option := range s.mptcp() {
		if setOf(option.Subtype())&which != 0 {
			s.overwrite(at, nops[:len(option)])
		}
	}
	s.options &^= which
	return true
}

// rewrite replaces what it finds from the left, none of it twice.
func (s *segment) rewrite(find, replace []byte) (changed bool) {
	for at := s.header; ; at += len(find) {
		i := bytes.Index(s.tcp[at:], find)
		if i < 0 {
			return changed
		}
		at += i
		s.overwrite(at, replace)
		changed = true
	}
}

// overwrite changes bytes and adds to the checksum what the 16-bit words that
// they are in have changed by (RFC 1624, section 3): HC' = ~(~HC + ~m + m').
func (s *segment) overwrite(at int, with []byte) {
	checksum := s.tcp[tcpChecksum:]
	sum := uint64(^binary.BigEndian.Uint16(checksum))
	for i, b := range with {
		place := at + i
		shift := 8 * (^place & 1) // An even place is a word's high byte.
		sum += uint64(^(uint16(s.tcp[place]) << shift)) + uint64(b)<<shift
		s.tcp[place] = b
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(checksum, ^uint16(sum))
}
