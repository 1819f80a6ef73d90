package extract

import "slices"

// fragments remembers the latest packets whose first fragment is wanted.
type fragments struct {
	ids  []fragmentID
	next int
}

// maxFragments is how many: fragments of a packet follow each other closely.
const maxFragments = 256

func (f *fragments) has(id fragmentID) bool { return slices.Contains(f.ids, id) }

func (f *fragments) add(id fragmentID) {
	if len(f.ids) < maxFragments {
		f.ids = append(f.ids, id)
		return
	}
	f.ids[f.next] = id
	f.next = (f.next + 1) % maxFragments
}
