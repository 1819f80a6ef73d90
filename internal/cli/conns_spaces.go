package cli

import (
	"context"
	"fmt"
	"os"

	"allroads/internal/live"
)

// spaceFlags say which network namespaces are looked into; as they are empty, the
// own one.
type spaceFlags struct {
	netns      string
	everywhere bool
}

// openWatcher is a watcher with the namespace that was opened for it.
type openWatcher struct {
	*live.Watcher
	space live.Space
}

func (f spaceFlags) open(ctx context.Context, options live.Options) (*openWatcher, live.Unseen, error) {
	if f.everywhere {
		watcher, unseen, err := live.OpenAll(ctx, options)
		return &openWatcher{Watcher: watcher}, unseen, err
	}
	var space live.Space
	if f.netns != "" {
		var err error
		if space, err = live.Find(f.netns); err != nil {
			return nil, live.Unseen{}, err
		}
	}
	watcher, err := live.Open(ctx, []live.Space{space}, options)
	open := &openWatcher{watcher, space}
	if err != nil {
		open.close()
		return nil, live.Unseen{}, err
	}
	return open, live.Unseen{}, nil
}

func (w *openWatcher) close() {
	if w.Watcher != nil {
		w.Watcher.Close()
	}
	if w.space.NS != nil {
		w.space.NS.Close()
	}
}

// tellUnseen says what this user was not allowed to look into.
func tellUnseen(u live.Unseen) {
	if u.Namespaces > 0 {
		fmt.Fprintf(os.Stderr, "allroads: %s may not be entered: run it as root\n", plural(u.Namespaces, "network namespace"))
	}
	if u.Processes > 0 {
		fmt.Fprintf(os.Stderr, "allroads: the network namespace of %s is not told: run it as root\n",
			plural(u.Processes, "process"))
	}
}

func plural(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what[len(what)-1] == 's':
		return fmt.Sprint(n) + " " + what + "es"
	}
	return fmt.Sprint(n) + " " + what + "s"
}
