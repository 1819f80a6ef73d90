package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"allroads/mptcp"
)

// meet finds out what a connection is for. It returns when that is over, and
// whether it was a test.
func (s *Server) meet(ctx context.Context, conn *mptcp.Conn, known func()) (tested bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	first, err := greet(conn)
	stop()
	known()
	if err != nil {
		s.refused(conn, err)
		conn.Close()
		return false, err
	}
	if first.Type == typeJoin {
		return false, s.join(conn, first)
	}
	session, reason := s.open(conn, first)
	if session == nil {
		s.refuse(conn, reason)
		return false, nil
	}
	defer s.release(session)
	err = session.run(ctx)
	if s.Observer.Ended != nil {
		s.Observer.Ended(&session.Session, err)
	}
	return true, err
}

// greet exchanges preambles and reads the first message.
func greet(conn net.Conn) (*message, error) {
	_ = conn.SetDeadline(time.Now().Add(firstWords))
	err := readPreamble(conn)
	if version := (*VersionError)(nil); errors.As(err, &version) {
		_, _ = conn.Write(preamble())
	}
	if wrong := (*StrangerError)(nil); errors.As(err, &wrong) && speaks(wrong.Began) == "it speaks http" {
		_, _ = conn.Write([]byte("HTTP/1.0 400 Bad Request\r\n\r\nThis is an allroads bench server.\n"))
	}
	if err != nil {
		return nil, err
	}
	first, err := readMessage(conn, maxFirst)
	if err != nil {
		return nil, err
	}
	if first.Type != typeJoin {
		if _, err := conn.Write(preamble()); err != nil {
			return nil, err
		}
	}
	return first, conn.SetDeadline(time.Time{})
}

// open makes the session that a client wants, or gives the reason why not.
func (s *Server) open(conn *mptcp.Conn, first *message) (*session, *message) {
	refuse := &message{Type: typeRefuse}
	if first.Type != typeStart || first.Params == nil {
		refuse.Reason = fmt.Sprintf("%q is not what a test begins with", first.Type)
		return nil, refuse
	}
	if err := first.Params.Check(); err != nil {
		refuse.Reason = err.Error()
		return nil, refuse
	}
	session := newSession(s, conn, first.Params)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		refuse.Busy, refuse.Reason = true, "it is busy with a test of "+s.current.Client.Addr().String()
		return nil, refuse
	}
	s.current = session
	return session, nil
}

func (s *Server) release(which *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == which {
		s.current = nil
	}
}

func (s *Server) refuse(conn *mptcp.Conn, m *message) {
	_ = conn.SetDeadline(time.Now().Add(firstWords))
	_ = writeMessage(conn, m)
	conn.Close()
	s.refused(conn, errors.New(m.Reason))
}

// join gives a connection to the session that it belongs to.
func (s *Server) join(conn *mptcp.Conn, m *message) error {
	s.mu.Lock()
	session := s.current
	s.mu.Unlock()
	if session == nil || session.name != m.Session || !session.take(conn, m.Index) {
		s.refuse(conn, &message{Type: typeRefuse, Reason: "it knows of no such test"})
	}
	return nil
}

func (s *Server) refused(conn *mptcp.Conn, err error) {
	if s.Observer.Refused != nil {
		s.Observer.Refused(peerOf(conn), err)
	}
}

func peerOf(conn *mptcp.Conn) netip.AddrPort { return addressOf(conn.RemoteAddr()) }
