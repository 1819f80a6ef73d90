package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"allroads/mptcp"
)

// sender is the client's end of the conversation.
type sender struct {
	conn *mptcp.Conn
	sent *digest
}

func (s *sender) write(b []byte) error {
	n, err := s.conn.Write(b)
	s.sent.Write(b[:n])
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// spread sends messages until each subflow has carried one. The kernel's
// scheduler keeps to one path as long as that has nothing in its queue, so a
// message has to be larger than what goes out at once.
func (s *sender) spread(ctx context.Context) error {
	message := bytes.Repeat([]byte(spreadLine), spreadMessage/len(spreadLine))
	for range spreadTries {
		if used, err := s.allUsed(ctx); err != nil || used {
			return err
		}
		if err := s.write(message); err != nil {
			return err
		}
	}
	return nil
}

const (
	spreadLine    = "all roads\n"
	spreadMessage = 100_000 // bytes
	spreadTries   = 20
	spreadPause   = 10 * time.Millisecond
)

// allUsed reports whether at least two subflows have sent data, giving the last
// message a moment to leave.
func (s *sender) allUsed(ctx context.Context) (bool, error) {
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(spreadPause):
	}
	subflows, err := s.conn.Subflows()
	if err != nil {
		return false, err
	}
	used := 0
	for _, flow := range subflows {
		if flow.BytesSent > 0 {
			used++
		}
	}
	return used >= 2, nil
}

// finish says that there is no more, waits until the server has said so too,
// and closes.
func (s *sender) finish() error {
	if err := s.conn.CloseWrite(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := s.conn.SetReadDeadline(time.Now().Add(receiveWait)); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if _, err := io.Copy(io.Discard, s.conn); err != nil {
		return fmt.Errorf("wait for the server to close: %w", err)
	}
	return s.conn.Close()
}
