package live

import (
	"context"
	"iter"
)

// Stream yields all connections once, without rates, as the kernel lists them. It
// keeps none of them, so that there may be any number: what it yields is valid
// until the next is.
func (w *Watcher) Stream(ctx context.Context) iter.Seq2[*Connection, error] {
	return func(yield func(*Connection, error) bool) {
		if w.options.Owners {
			w.owners.read()
		}
		for _, s := range w.spaces {
			if !w.stream(ctx, s, yield) {
				return
			}
		}
	}
}

func (w *Watcher) stream(ctx context.Context, s *watched, yield func(*Connection, error) bool) (more bool) {
	if err := s.interfaces.read(); err != nil {
		yield(nil, s.explain(err))
		return false
	}
	c := &Connection{Space: s.Name, rank: s.rank}
	for read, err := range s.source.Connections(ctx, w.options.Filter) {
		if err != nil {
			yield(nil, s.explain(err))
			return false
		}
		if !w.options.chooses(read) {
			continue
		}
		c.Connection = *read
		c.Paths = c.Paths[:0]
		for range c.Subflows {
			c.Paths = append(c.Paths, Path{})
		}
		s.describe(c)
		if w.options.Owners {
			w.tellOwner(c)
		}
		if !yield(c, nil) {
			return false
		}
	}
	return true
}

// Hidden counts the processes that this user may not look into, as Snapshot does,
// after a Stream has begun.
func (w *Watcher) Hidden() int { return w.owners.hidden }
