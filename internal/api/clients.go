package api

import (
	"fmt"
	"net"
	"sync"
	"time"

	"allroads/internal/control"
)

// clients accepts those for whom there is a place. Who may reload has one in any case,
// unless he took all of his own.
type clients struct {
	*Listener
	access
	most, mostOfOne int

	mutex sync.Mutex
	all   int            // without those who may write
	ofOne map[uint32]int // by user
}

// client is a connection that has a place.
type client struct {
	*net.UnixConn
	*peer
	leave func()
}

func (c *client) Close() error {
	c.leave()
	return c.UnixConn.Close()
}

func (c *clients) Accept() (net.Conn, error) {
	for {
		conn, err := c.AcceptUnix()
		if err != nil {
			return nil, err
		}
		p, err := peerOf(conn)
		if err != nil { // Who is not known, may nothing.
			conn.Close()
			continue
		}
		if why := c.enter(p); why != "" {
			turnAway(conn, why)
			continue
		}
		return &client{conn, p, sync.OnceFunc(func() { c.left(p) })}, nil
	}
}

// enter takes a place, or says why there is none.
func (c *clients) enter(p *peer) (why string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case c.ofOne[p.uid] >= c.mostOfOne:
		return fmt.Sprintf("%d clients of user %d are connected already: end some", c.mostOfOne, p.uid)
	case !c.write(p) && c.all >= c.most:
		return fmt.Sprintf("%d clients are connected already: try again later", c.most)
	}
	c.ofOne[p.uid]++
	if !c.write(p) {
		c.all++
	}
	return ""
}

func (c *clients) left(p *peer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.ofOne[p.uid]--; c.ofOne[p.uid] == 0 {
		delete(c.ofOne, p.uid)
	}
	if !c.write(p) {
		c.all--
	}
}

// turnAway answers without waiting for the question: it fits into the socket's empty
// buffer.
func turnAway(conn net.Conn, why string) {
	defer conn.Close()
	body := encode(control.Failure{Schema: control.FailureSchema, Code: control.CodeUnavailable, Error: why})
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprintf(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		jsonType, len(body), body)
}
