package live

import (
	"context"
	"errors"
	"time"

	"allroads/sockdiag"
)

// Options say which connections are looked at, and how closely.
type Options struct {
	Filter sockdiag.Filter

	// Tokens and Ends choose among those of Filter: connections with one of these
	// tokens, and with one of these at either end, their own or a subflow's.
	// None: all.
	Tokens []uint32
	Ends   []End

	Owners bool // look for the processes and cgroups, which takes its time
}

// Watcher looks at the connections of some namespaces, again and again. It is for
// one goroutine at a time.
type Watcher struct {
	options Options
	spaces  []*watched
	owners  owners
	cgroups cgroups
	last    time.Time    // of the Look before, zero: none yet
	room    []Connection // for what a Look reads, before it is in order
}

// Open prepares to look at namespaces; none: the caller's own. They stay the
// caller's to close, after the Watcher.
func Open(ctx context.Context, spaces []Space, options Options) (*Watcher, error) {
	if len(spaces) == 0 {
		spaces = []Space{{}}
	}
	w := &Watcher{options: options}
	for _, space := range spaces {
		s, err := watch(ctx, space)
		if err != nil {
			w.Close()
			return nil, err
		}
		w.add(s)
	}
	return w, nil
}

func (w *Watcher) add(s *watched) {
	s.rank = len(w.spaces)
	w.spaces = append(w.spaces, s)
}

// Close ends the watch.
func (w *Watcher) Close() error {
	var errs []error
	for _, s := range w.spaces {
		errs = append(errs, s.close())
	}
	w.spaces = nil
	return errors.Join(errs...)
}
