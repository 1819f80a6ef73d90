package live

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"allroads/internal/netns"
	"allroads/sockdiag"
)

// Space is a network namespace that is looked at.
type Space struct {
	Name string    // how people call it; "" is the caller's own
	NS   *netns.NS // nil is the caller's own

	// File is where the namespace was found (netns.FileOf). When it is not there
	// any more, nor anywhere else, it has disappeared; "": it never does.
	File string
}

// ErrLost is wrapped by the error when all namespaces have disappeared.
var ErrLost = errors.New("no such network namespace any more")

// source is what connections are read from: a *sockdiag.Conn.
type source interface {
	Connections(ctx context.Context, filter sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error]
	Close() error
}

// watched is a namespace with what it takes to look at it, and what was seen.
type watched struct {
	Space
	rank       int // among all
	inode      uint64
	source     source
	interfaces *interfaces
	before     history
	lossCount  int       // see sockdiag.Connection.Stale
	opened     *netns.NS // to be closed with the rest, nil: it is the caller's
}

// watch connects to a namespace.
func watch(ctx context.Context, space Space) (*watched, error) {
	s := &watched{Space: space}
	fd, entered := 0, (*netns.NS)(nil)
	if space.NS != nil {
		var err error
		if s.inode, err = space.NS.Inode(); err != nil {
			return nil, s.explain(err)
		}
		// Who may not enter others is in the own one already.
		if own, err := netns.Own(); err != nil || own != s.inode {
			fd, entered = space.NS.Fd(), space.NS
		}
	}
	source, err := sockdiag.Dial(ctx, fd)
	if err != nil {
		return nil, s.explain(err)
	}
	s.source, s.lossCount = source, lossCount(entered)
	if s.interfaces, err = openInterfaces(fd); err != nil {
		source.Close()
		return nil, s.explain(err)
	}
	return s, nil
}

// explain says which namespace an error is about, where it is not the own one.
func (s *watched) explain(err error) error {
	if s.Name == "" {
		return err
	}
	return fmt.Errorf("network namespace %s: %w", s.Name, err)
}

// isLost reports whether the namespace has disappeared. It is still alive then,
// but only because it is watched.
func (s *watched) isLost() bool {
	if s.File == "" || s.NS == nil || netns.IsAt(s.File, s.inode) {
		return false
	}
	file := netns.Locate(s.inode)
	if file != "" {
		s.File = file
	}
	return file == ""
}

func (s *watched) close() error {
	err := errors.Join(s.source.Close(), s.interfaces.close())
	if s.opened != nil {
		err = errors.Join(err, s.opened.Close())
	}
	return err
}
