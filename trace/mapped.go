package trace

// insert adds a mapping in order of its bytes and reports whether it was new.
// One that stands for some of the same bytes as another is noted as wrong.
func (h *half) insert(m *mapping) bool {
	if m.ssn < h.maps.forgotten {
		h.late++ // It cannot be compared any more.
		return false
	}
	at, known := h.maps.search(m.ssn), h.maps.list()
	if at < len(known) && known[at].same(m) {
		return false
	}
	for i := max(at-1, 0); i <= at && i < len(known); i++ {
		if known[i].overlaps(m) {
			h.clash(*m, known[i])
			return false
		}
	}
	h.maps.insert(at, *m)
	if h.maps.tooMany(h.acked) {
		h.forget()
	}
	return true
}

// clash and nowhere take copies, since what is printed has to live on the heap.
//
//go:noinline
func (h *half) clash(m, o mapping) { h.conflict("%s clashes with %s", &m, &o) }

//go:noinline
func (h *half) nowhere(m mapping) { h.conflict("%s: no byte is there", &m) }

// forget drops the oldest mapping.
func (h *half) forget() {
	oldest := h.maps.forget()
	if oldest.hasChecksum && !oldest.verified {
		h.checksums.unchecked++
	}
	if h.unsent(&oldest) {
		h.late++
	}
}

// unsent reports whether bytes of a mapping never came.
func (h *half) unsent(m *mapping) (any bool) {
	h.seen.gaps(m.ssn, m.end(), func(lo, hi uint64) { any = true })
	return any
}
