package api

import (
	"bufio"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allroads/internal/control"
)

// large is a source with many connections, that counts how often it is asked for them.
type large struct {
	*source
	asked atomic.Int32
}

func (l *large) Paths() (control.Paths, error) {
	l.asked.Add(1)
	all := make([]control.Connection, 4000)
	for i := range all {
		all[i] = control.Connection{Namespace: "host", Token: "83119fc5", Rule: strings.Repeat("x", 200)}
	}
	return control.Paths{Connections: all}, nil
}

// TestLargeAnswers: clients that ask for all connections and do not read cost no more
// memory than two of them, also when they are gone.
func TestLargeAnswers(t *testing.T) {
	l := &large{source: newSource()}
	s := serveSource(t, "", Options{}, l)
	var held []net.Conn
	for range 16 {
		held = append(held, s.dial(t, "GET /v1/paths HTTP/1.0\r\n\r\n"))
	}
	eventually(t, "two are answered", func() bool { return l.asked.Load() == largeAtOnce })
	time.Sleep(100 * time.Millisecond)
	if n := l.asked.Load(); n != largeAtOnce {
		t.Errorf("%d answers at once", n)
	}
	_, err := s.client.Status(t.Context()) // Others need not wait.
	must(t, err)
	for _, c := range held[1:] {
		c.Close()
	}
	_, err = bufio.NewReader(held[0]).ReadString('\n')
	must(t, err)
	held[0].Close()
	answer, err := s.client.Paths(t.Context())
	if err != nil || len(answer.Value.Connections) != 4000 {
		t.Errorf("afterwards: %d connections, %v", len(answer.Value.Connections), err)
	}
}
