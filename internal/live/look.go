package live

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Snapshot is what the namespaces hold at one time.
type Snapshot struct {
	At    time.Time
	Since time.Duration // since the Look before, 0: this is the first

	// Connections are ordered by the namespaces as they were given to Open, then
	// listeners come first, then by addresses.
	Connections []Connection

	Lost []Space // namespaces that have disappeared since the Look before

	// Hidden counts the processes that this user may not look into. Owners are
	// among the others only.
	Hidden int
}

// Look reads all connections. Rates, and what else depends on the Look before,
// are told of connections that were there then. A namespace that disappears is
// in Lost once, and the watch goes on with the others. With the last one gone,
// the error wraps ErrLost.
func (w *Watcher) Look(ctx context.Context) (*Snapshot, error) {
	snapshot := &Snapshot{At: time.Now()}
	if !w.last.IsZero() {
		snapshot.Since = snapshot.At.Sub(w.last)
	}
	w.last = snapshot.At
	if snapshot.Lost = w.dropLost(); len(w.spaces) == 0 {
		return nil, lostAll(snapshot.Lost)
	}
	w.room = w.room[:0]
	for _, s := range w.spaces {
		if err := w.look(ctx, s); err != nil {
			return nil, s.explain(err)
		}
	}
	snapshot.Connections = ordered(w.room)
	clear(w.room)
	w.tellOwners(snapshot)
	return snapshot, nil
}

// look adds the connections of one namespace.
func (w *Watcher) look(ctx context.Context, s *watched) error {
	if err := s.interfaces.read(); err != nil {
		return err
	}
	now := s.before.begin(time.Now())
	var paths chunk[Path]
	for read, err := range s.source.Connections(ctx, w.options.Filter) {
		if err != nil {
			return err
		}
		if !w.options.chooses(read) {
			continue
		}
		c := Connection{Connection: *read.Clone(), Space: s.Name, rank: s.rank}
		c.Paths = paths.take(len(c.Subflows))
		s.describe(&c)
		now.rate(&c)
		w.room = append(w.room, c)
	}
	now.end()
	return nil
}

// describe fills in what a connection's paths are like at one time.
func (s *watched) describe(c *Connection) {
	for i := range c.Subflows {
		f := &c.Subflows[i]
		c.Paths[i].Interface = s.interfaces.of(f)
		c.Paths[i].Stale = c.Stale(i, s.lossCount)
	}
	share(c, &s.before.numbers)
}

// dropLost takes namespaces away that have disappeared.
func (w *Watcher) dropLost() (lost []Space) {
	w.spaces = slices.DeleteFunc(w.spaces, func(s *watched) bool {
		if !s.isLost() {
			return false
		}
		s.close()
		lost = append(lost, s.Space)
		return true
	})
	return lost
}

func lostAll(lost []Space) error {
	if len(lost) == 1 && lost[0].Name != "" {
		return fmt.Errorf("watch network namespace %s: %w", lost[0].Name, ErrLost)
	}
	return fmt.Errorf("watch network namespaces: %w", ErrLost)
}
