package sockdiag

import (
	"context"
	"errors"
	"io"

	"allroads/internal/inetdiag"

	"golang.org/x/sys/unix"
)

// maxDumps is how often a dump is made that the kernel calls interrupted. What
// the last one lacks shows in the join.
const maxDumps = 3

var families = [...]uint8{unix.AF_INET, unix.AF_INET6}

// dump lists the sockets of a protocol in both families, until each returns an
// error.
func (s *source) dump(ctx context.Context, protocol, states uint32, each func(*message) error) error {
	for _, family := range families {
		for range maxDumps {
			err := s.dumpOnce(ctx, inetdiag.Request{Family: family, Protocol: protocol, States: states}, each)
			if err == errStopped {
				return err
			}
			if err != nil {
				return explain(protocol, err)
			}
			if !s.dumps.Interrupted() {
				break
			}
		}
	}
	return nil
}

func (s *source) dumpOnce(ctx context.Context, r inetdiag.Request, each func(*message) error) error {
	err := ctx.Err()
	if err == nil {
		s.request = r.Append(s.request[:0])
		err = s.dumps.Ask(inetdiag.ByFamily, unix.NLM_F_DUMP, s.request)
	}
	for err == nil {
		var body []byte
		body, err = s.dumps.Next()
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = s.message.decode(body)
		}
		if err == nil {
			err = each(&s.message)
		}
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// lookup reads one socket; false: there is none.
func (s *source) lookup(r inetdiag.Request, m *message) (bool, error) {
	s.request = r.Append(s.request[:0])
	err := s.lookups.Ask(inetdiag.ByFamily, 0, s.request)
	var body []byte
	if err == nil {
		body, err = s.lookups.Next()
	}
	if err == nil {
		err = m.decode(body)
	}
	switch {
	case err == nil:
		return true, nil
	case err == io.EOF, errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESTALE):
		return false, nil
	}
	return false, explain(r.Protocol, err)
}

// probe tells apart the two things that ENOENT means when a connection is looked
// up: that there is none, and that the kernel cannot look.
func (s *source) probe() error {
	if s.probed {
		return nil
	}
	err := s.dump(context.Background(), protocolMPTCP, 0, func(*message) error { return nil })
	s.probed = err == nil
	return err
}
