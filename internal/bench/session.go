package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"allroads/mptcp"
)

// session is a test, at the server.
type session struct {
	Session
	name    string
	server  *Server
	control *control
	party   *party

	mu      sync.Mutex
	streams []*stream // by index
	left    int       // connections that have yet to come, -1: none can
}

func newSession(s *Server, conn *mptcp.Conn, p *Params) *session {
	return &session{Session: Session{Client: peerOf(conn), Params: *p}, name: rand.Text(), server: s,
		control: &control{conn: conn}, streams: make([]*stream, p.Connections), left: p.Connections}
}

// take takes a connection in that says it belongs to the test, and tells the client
// when all are there. Then it may send at once, so the counters are at zero before.
// No answer goes over the connection itself: ones that had carried data both ways were
// often seen to stall for 200 ms when they began to be fast (Linux 6.18).
func (s *session) take(conn *mptcp.Conn, index int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left < 1 || index < 0 || index >= len(s.streams) || s.streams[index] != nil {
		return false
	}
	stream := newStream(conn, index)
	if stream.tally.begin() != nil {
		return false
	}
	s.streams[index] = stream
	if s.left--; s.left == 0 {
		return s.control.send(&message{Type: typeJoined}) == nil
	}
	return true
}

// shut closes all connections, also those that come from now on.
func (s *session) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = -1
	for _, stream := range s.streams {
		if stream != nil {
			discardAndClose(stream.conn)
		}
	}
}

// discardAndClose closes a connection at once, with what it has not sent yet.
func discardAndClose(conn *mptcp.Conn) {
	_ = conn.SetLinger(0)
	conn.Close()
}

func (s *session) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = newControl(s.control.conn, s.server.timeout())
}

func (s *session) run(ctx context.Context) error {
	s.begin()
	defer s.control.close()
	defer s.shut()
	if err := s.control.send(&message{Type: typeReady, Session: s.name}); err != nil {
		return fmt.Errorf("answer the client: %w", err)
	}
	if err := s.gather(ctx); err != nil {
		_ = s.control.send(&message{Type: typeReport, Reason: err.Error()})
		return err
	}
	s.party = newParty(&s.Params, s.streams, false)
	if s.server.Observer.Began != nil {
		s.server.Observer.Began(&s.Session)
	}
	s.party.run()
	err := s.play(ctx)
	s.party.finish()
	s.Report = s.party.report()
	return s.say(err)
}

// gather waits for the connections, and for the client to say go.
func (s *session) gather(ctx context.Context) error {
	select {
	case m, ok := <-s.control.in:
		switch {
		case !ok:
			return fmt.Errorf("the client: %w", s.control.err)
		case m.Type == typeFinish:
			return errors.New("the client has given up")
		case m.Type != typeGo || !s.isFull():
			return fmt.Errorf("the client sent a %q out of turn", m.Type)
		}
		return nil
	case <-time.After(gathering):
		return fmt.Errorf("the client has not begun within %v", gathering)
	case <-ctx.Done():
		return errInterrupted
	}
}

func (s *session) isFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left == 0
}

// gathering is how long a client may take to connect, and to wait for subflows.
const gathering = 2 * time.Minute

var (
	errInterrupted = errors.New("the server was interrupted")
	errBroken      = errors.New("no connection of the test is left")
)

// sampling is how often counters are read, so that those of a subflow that goes
// are not much older than it.
const sampling = 100 * time.Millisecond

// play lets the test go on until the client says that it is over.
func (s *session) play(ctx context.Context) error {
	look := time.NewTicker(sampling)
	defer look.Stop()
	received := s.party.received
	for {
		select {
		case <-look.C:
			s.party.look()
		case <-received:
			received = nil
			if err := s.control.send(&message{Type: typeDone}); err != nil {
				return fmt.Errorf("the client: %w", err)
			}
		case m, ok := <-s.control.in:
			switch {
			case !ok:
				return fmt.Errorf("the client: %w", s.control.err)
			case m.Type == typeFinish:
				return nil
			case m.Type != typeDone:
				return fmt.Errorf("the client sent a %q out of turn", m.Type)
			}
			s.party.stop()
		case <-s.party.broken:
			return errBroken
		case <-ctx.Done():
			return errInterrupted
		}
	}
}

// say sends the report, with why it comes unasked if it does, and waits for the
// client to close. Whoever has a report may ask for the next test.
func (s *session) say(why error) error {
	m := &message{Type: typeReport, Report: s.Report}
	if why != nil {
		m.Reason = why.Error()
	}
	s.server.release(s)
	if s.control.send(m) != nil {
		return why
	}
	for {
		if _, err := s.control.next(lastWords); err != nil {
			return why
		}
	}
}

// lastWords is how long an end waits for the other's last message.
const lastWords = 5 * time.Second
