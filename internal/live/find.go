package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// Find opens the namespace that a word means: a name under /run/netns, a path, or
// pid:N for that of a process. Its NS is the caller's to close.
func Find(word string) (Space, error) {
	ns, err := netns.Find(word)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = fmt.Errorf("%s: %w", path.Path, path.Err)
		}
		return Space{}, fmt.Errorf("find network namespace %q (a name under %s, a path, or pid:N): %w", word, netns.NameDir, err)
	}
	return Space{Name: word, NS: ns, File: netns.FileOf(word)}, nil
}

// Unseen is what this user may not look at.
type Unseen struct {
	Namespaces int // that may not be entered
	Processes  int // whose namespace is not told
}

// OpenAll is Open for all namespaces that have a name or a process. Those that
// this user may not enter are left out. Namespaces that come later are not looked
// at.
func OpenAll(ctx context.Context, options Options) (*Watcher, Unseen, error) {
	found, hidden := netns.All()
	w, unseen := &Watcher{options: options}, Unseen{Processes: hidden}
	for _, f := range found {
		s, err := open(ctx, f)
		switch {
		case err == nil:
			w.add(s)
		case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES):
			unseen.Namespaces++
		case !errors.Is(err, fs.ErrNotExist): // It has disappeared since.
			w.Close()
			return nil, unseen, err
		}
	}
	return w, unseen, nil
}

func open(ctx context.Context, f netns.Found) (*watched, error) {
	space := Space{Name: f.Name}
	if !f.Own {
		ns, err := netns.Open(f.File)
		if err != nil {
			return nil, err
		}
		space.NS, space.File = ns, f.File
	}
	s, err := watch(ctx, space)
	if err != nil {
		if space.NS != nil {
			space.NS.Close()
		}
		return nil, err
	}
	s.opened = space.NS
	return s, nil
}
