package trace

import "fmt"

// mapping says which part of the data stream some bytes of a subflow are
// (RFC 8684, section 3.3.1).
type mapping struct {
	ssn    uint64 // relative subflow sequence number of the first byte
	stream uint64 // offset in the data stream of the first byte
	length uint64 // bytes, without the number that a DATA_FIN takes

	hasChecksum bool
	checksum    uint16
	dssLength   uint16   // the length as in the option, which the checksum covers
	verified    bool     // the checksum was compared
	collected   *payload // what it covers, until then
}

func (m *mapping) end() uint64 { return m.ssn + m.length }

// at is the stream offset of a byte of the subflow.
func (m *mapping) at(ssn uint64) uint64 { return m.stream + (ssn - m.ssn) }

// same reports whether a mapping is this one, sent again. A DATA_FIN may have
// joined it since, which counts in the option's length and so in the checksum.
func (m *mapping) same(o *mapping) bool {
	return m.ssn == o.ssn && m.stream == o.stream && m.length == o.length &&
		m.hasChecksum == o.hasChecksum && (!m.hasChecksum || m.sumWithoutLength() == o.sumWithoutLength())
}

// sumWithoutLength is the ones' complement sum that the checksum stands for, but
// for the length.
func (m *mapping) sumWithoutLength() uint32 {
	const modulus = 1<<16 - 1
	return (uint32(^m.checksum) + modulus - uint32(m.dssLength)%modulus) % modulus
}

// overlaps reports whether two mappings stand for a byte of the subflow in
// common, which is wrong even where they agree on it: a mapping is fixed once
// it is declared, so a different one for the same byte is a mistake in one.
func (m *mapping) overlaps(o *mapping) bool {
	return m.ssn < o.end() && o.ssn < m.end()
}

func (m *mapping) String() string {
	return fmt.Sprintf("the mapping of %d bytes from subflow byte %s to stream offset %s",
		m.length, offsetText(m.ssn), offsetText(m.stream))
}
