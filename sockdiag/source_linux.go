package sockdiag

import (
	"context"
	"fmt"

	"allroads/internal/netns"
	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// source reads the sockets of a namespace. A dump that is being yielded keeps a
// socket busy: what is looked up meanwhile goes over another one.
type source struct {
	dumps, lookups stream
	request        []byte
	busy           bool // a listing is under way
	probed         bool // the kernel is known to list MPTCP sockets

	subflows  store
	listeners listeners
	unsettled []uint32 // tokens of connections that did not fit together

	// What is being read, and yielded.
	message    message
	record     record
	connection Connection
	details    []*Details
}

// stream is an nl.Stream.
type stream interface {
	Ask(kind, flags uint16, body []byte) error
	Next() ([]byte, error)
	Interrupted() bool
	Close() error
}

func open(ctx context.Context, fd int) (*source, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := new(source)
	err := within(fd, func() error {
		for _, to := range []*stream{&s.dumps, &s.lookups} {
			opened, err := nl.DialStream(unix.NETLINK_SOCK_DIAG)
			if err != nil {
				return err
			}
			*to = opened
		}
		return nil
	})
	if err != nil {
		s.close()
		return nil, fmt.Errorf("open sock_diag: %w", explainOpen(err))
	}
	return s, nil
}

// within runs fn in the network namespace of a file descriptor, 0: here.
func within(fd int, fn func() error) error {
	if fd == 0 {
		return fn()
	}
	here, err := netns.Current()
	if err != nil {
		return err
	}
	defer here.Close()
	return here.Do(func() error { // For its thread, which goes nowhere else after this.
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter network namespace: %w", err)
		}
		return fn()
	})
}

func (s *source) close() error {
	var err error
	for _, stream := range []stream{s.dumps, s.lookups} {
		if stream != nil {
			if wrong := stream.Close(); err == nil {
				err = wrong
			}
		}
	}
	return err
}
