package wire

import (
	"encoding/binary"
	"math/bits"
)

// Checksum is the DSS checksum (RFC 8684 section 3.3.1, RFC 6824 section 3.3.1): the Internet checksum over a
// pseudo-header and the data of one mapping. The result is what the option carries.
//
// dsn is always all 64 bits, also when the option carries 32; ssn is relative to the subflow's initial sequence
// number; length is the option's own, one more than the data for a DATA_FIN. The data comes in any number of
// pieces of any length. For the data of an MP_CAPABLE use dsn IDSN+1 and ssn 1.
func Checksum(dsn uint64, ssn uint32, length uint16, payload ...[]byte) uint16 {
	sum := dsn>>32 + dsn&0xffffffff + uint64(ssn) + uint64(length)
	odd := false
	for _, p := range payload {
		s := sumWords(p)
		if odd {
			// In this piece the bytes stand the other way round in their words: RFC 1071 section 2(B).
			s = bits.ReverseBytes16(s)
		}
		sum += uint64(s)
		odd = odd != (len(p)%2 == 1)
	}
	return ^fold(sum)
}

// sumWords is the ones-complement sum of b's 16-bit words, an odd last byte padded with zero.
func sumWords(b []byte) uint16 {
	var sum, carry uint64
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	var tail [8]byte
	copy(tail[:], b)
	sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(tail[:]), carry)
	return fold(sum>>32 + sum&0xffffffff + carry)
}

// fold adds the carries back in until 16 bits are left.
func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
