package trace

import "slices"

// mappings are those of one direction of a subflow, in order of their bytes.
type mappings struct {
	queue[mapping]
	forgotten uint64 // mappings of the bytes below are not remembered
}

// How many mappings are remembered: once all their bytes were acknowledged,
// enough to recognise what is sent again; else as many as a sender can have
// under way.
const (
	maxAckedMappings = 256
	maxMappings      = 1 << 16
)

// last is the one of the highest bytes, nil when there is none.
func (m *mappings) last() *mapping {
	if m.len() == 0 {
		return nil
	}
	return &m.all[len(m.all)-1]
}

// search returns where in the order one for a byte would be. Most come in order.
func (m *mappings) search(ssn uint64) int {
	known := m.list()
	n := len(known)
	if n == 0 || known[n-1].ssn < ssn {
		return n
	}
	if n == 1 || known[n-2].ssn < ssn {
		return n - 1
	}
	at, _ := slices.BinarySearchFunc(known, ssn, func(o mapping, ssn uint64) int {
		if o.ssn < ssn {
			return -1
		}
		return 1
	})
	return at
}

// tooMany reports whether the oldest should go.
func (m *mappings) tooMany(acked uint64) bool {
	known := m.list()
	return len(known) > maxMappings || len(known) > maxAckedMappings && known[0].end() <= acked
}

// forget drops the oldest one and returns it.
func (m *mappings) forget() mapping {
	oldest := m.shift()
	m.forgotten = oldest.end()
	return oldest
}

// each goes through bytes of the subflow in order: it calls visit for each part
// that has one mapping, or none (nil).
func (m *mappings) each(lo, hi uint64, visit func(m *mapping, lo, hi uint64)) {
	known := m.list()
	i := m.search(lo + 1) // the first that begins behind lo
	if i > 0 && known[i-1].end() > lo {
		i--
	}
	for ; lo < hi && i < len(known); i++ {
		one := &known[i]
		if one.ssn >= hi {
			break
		}
		if lo < one.ssn {
			visit(nil, lo, one.ssn)
			lo = one.ssn
		}
		visit(one, lo, min(hi, one.end()))
		lo = min(hi, one.end())
	}
	if lo < hi {
		visit(nil, lo, hi)
	}
}
