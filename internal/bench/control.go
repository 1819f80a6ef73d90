package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// heartbeat is how often each end says that it is alive.
const heartbeat = time.Second

// control is the connection on which the ends agree.
type control struct {
	conn    net.Conn
	timeout time.Duration // of silence
	in      chan *message // closed when no more come: err says why
	err     error
	writing sync.Mutex
	gone    chan struct{}
	once    sync.Once
}

// listen begins to take messages in, and to say that this end is alive.
func newControl(conn net.Conn, timeout time.Duration) *control {
	c := &control{conn: conn, timeout: timeout, in: make(chan *message), gone: make(chan struct{})}
	go c.read()
	go c.beat()
	return c
}

func (c *control) read() {
	defer close(c.in)
	for {
		_ = c.conn.SetReadDeadline(time.Now().Add(c.timeout))
		m, err := readMessage(c.conn, maxMessage)
		if err != nil {
			c.err = c.lost(err)
			return
		}
		if m.Type == typeAlive {
			continue
		}
		select {
		case c.in <- m:
		case <-c.gone:
			c.err = net.ErrClosed
			return
		}
	}
}

// lost says in words why the other end is not heard any more.
func (c *control) lost(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("nothing heard of it for %v", c.timeout)
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it has closed the connection")
	case errors.Is(err, unix.ECONNRESET):
		return fmt.Errorf("it is gone: %w", unix.ECONNRESET)
	}
	return err
}

func (c *control) beat() {
	for {
		select {
		case <-c.gone:
			return
		case <-time.After(heartbeat):
		}
		if c.send(&message{Type: typeAlive}) != nil {
			return // Whoever reads finds out why.
		}
	}
}

func (c *control) send(m *message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.timeout))
	return writeMessage(c.conn, m)
}

// next waits for a message, for so long.
func (c *control) next(within time.Duration) (*message, error) {
	select {
	case m, ok := <-c.in:
		if !ok {
			return nil, c.err
		}
		return m, nil
	case <-time.After(within):
		return nil, fmt.Errorf("no answer within %v", within)
	}
}

func (c *control) close() {
	c.once.Do(func() {
		close(c.gone)
		c.conn.Close()
	})
}
