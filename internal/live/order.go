package live

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"allroads/mptcp"
)

// Ordered is Stream in the order of a Snapshot, as long as there are no more than
// atMost connections. More are yielded as the kernel lists them, since only that
// many are kept.
func (w *Watcher) Ordered(ctx context.Context, atMost int) iter.Seq2[*Connection, error] {
	return func(yield func(*Connection, error) bool) {
		kept, keep := []Connection{}, true
		for c, err := range w.Stream(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if keep && len(kept) < atMost {
				kept = append(kept, c.clone())
				continue
			}
			if keep && !yieldAll(kept, yield) {
				return
			}
			kept, keep = nil, false
			if !yield(c, nil) {
				return
			}
		}
		yieldAll(ordered(kept), yield)
	}
}

func yieldAll(all []Connection, yield func(*Connection, error) bool) (more bool) {
	for i := range all {
		if !yield(&all[i], nil) {
			return false
		}
	}
	return true
}

// clone copies what is valid for a moment only.
func (c *Connection) clone() Connection {
	kept := *c
	kept.Connection = *c.Connection.Clone()
	kept.Paths = slices.Clone(c.Paths)
	return kept
}

// ordered returns connections in order. They are large: each is moved once.
func ordered(all []Connection) []Connection {
	places := make([]*Connection, len(all))
	for i := range all {
		places[i] = &all[i]
	}
	slices.SortFunc(places, compare)
	sorted := make([]Connection, len(all))
	for i, place := range places {
		sorted[i] = *place
	}
	return sorted
}

// compare tells any two apart: cookies do.
func compare(a, b *Connection) int {
	return cmp.Or(
		cmp.Compare(a.rank, b.rank),
		cmp.Compare(listenersFirst(a), listenersFirst(b)),
		a.Local.Compare(b.Local),
		a.Remote.Compare(b.Remote),
		cmp.Compare(a.Cookie, b.Cookie),
	)
}

func listenersFirst(c *Connection) int {
	if c.State == mptcp.StateListen {
		return 0
	}
	return 1
}
