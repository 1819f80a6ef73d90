package anonymize

import "allroads/wire"

// dss moves the numbers of the data level. As the payload is gone, a checksum is
// what it would be if all of it were zero, which nobody can hold against it; that of
// a DATA_FIN without data, which can be checked, stays right or wrong.
func (r *rewriter) dss(option wire.Option) bool {
	var m wire.DSS
	if wire.ParseDSS(option, &m) != nil {
		return false
	}
	to := m
	if m.HasAck {
		to.DataAck += r.shift(r.sender.other())
	}
	if m.HasMap {
		from, known := r.wide(&m)
		to.DSN = from + r.shift(r.sender)
		to.Checksum = wire.Checksum(to.DSN, m.SSN, m.Length)
		if m.HasChecksum && m.DataFIN && m.Length == 1 && !(known && m.Checksum == wire.Checksum(from, m.SSN, m.Length)) {
			to.Checksum ^= 1 + uint16(r.secret.number(forChecksum, uint64(m.Checksum), r.from.salt)%0xfffd)
		}
	}
	r.out = wire.AppendDSS(r.out, &to)
	return true
}

// wide is the data sequence number of a mapping with all its bits, if they are known:
// one of 32 bits is near the end of what was mapped until then.
func (r *rewriter) wide(m *wire.DSS) (dsn uint64, known bool) {
	near := &r.from.near
	k := r.keyOf(r.sender)
	if k != nil {
		near, known = &k.near, true
	} else {
		known = r.from.hasNear
	}
	dsn = m.DSN
	switch {
	case m.DSN64:
		r.from.hasNear = r.from.hasNear || k == nil
	case !known:
		return dsn, false
	default:
		dsn = *near + uint64(int64(int32(uint32(m.DSN)-uint32(*near))))
	}
	if k == nil {
		*near = dsn
	} else if end := dsn + uint64(m.Length); int64(dsn-k.idsn) > 0 && end-k.idsn > *near-k.idsn && !(m.DataFIN && m.Length == 1) {
		*near = end // A number from before the first one is wrong.
	}
	return dsn, true
}

// keyOf is a side's key in the connection of the segment, nil if it is not known.
func (r *rewriter) keyOf(of side) *key {
	if r.flow == nil || r.flow.conn == nil || !r.flow.conn.keys[of].known {
		return nil
	}
	return &r.flow.conn.keys[of]
}

// shift is what is added to the data sequence numbers of a side. Where its key is
// not known, it is the same for all connections: so numbers that are close together,
// by which package trace finds out what belongs together, still are.
func (r *rewriter) shift(of side) uint64 {
	if k := r.keyOf(of); k != nil {
		return k.shift
	}
	return r.common
}
