package matrix

import (
	"strings"
	"testing"

	"allroads/internal/convert"
)

// check judges exit code and report.
func (c *cell) check(t *testing.T, o outcome) {
	t.Helper()
	if o.code != 0 || strings.Count(o.said, "by "+string(c.strategy)) != 1 || len(o.lines) > 0 {
		t.Errorf("exit code %d, %q, prints also %q", o.code, o.said, o.lines)
	}
	r := o.report
	if r.Strategy != c.strategy || r.Exit == nil || r.Exit.Code != 0 {
		t.Errorf("the report has strategy %q, exit %+v", r.Strategy, r.Exit)
	}
	filters := c.strategy == convert.Notify || c.strategy == convert.Trace
	if want := filters && c.user != root; r.NoNewPrivs != want {
		t.Errorf("the report says no_new_privs %v, not %v", r.NoNewPrivs, want)
	}
	c.checkSockets(t, &r)
	c.checkConnections(t, &r)
}

// checkSockets demands exact numbers.
func (c *cell) checkSockets(t *testing.T, r *convert.Report) {
	t.Helper()
	if c.strategy == convert.Godebug {
		if r.Sockets != nil {
			t.Errorf("the report counts sockets, which nobody did: %+v", r.Sockets)
		}
		return
	}
	want := c.kind.more + 1
	if s := r.Sockets; s == nil || s.Seen != want || s.Converted != want || len(s.Left)+len(s.Refused)+len(s.Rings)+len(s.OwnListeners) > 0 {
		t.Errorf("the report has %+v, not %d sockets seen and converted", s, want)
	}
	if filters := c.strategy != convert.BPF; filters && r.Connections.Sockets != want {
		t.Errorf("the report has %d sockets watched, not %d", r.Connections.Sockets, want)
	}
}

// checkConnections demands the one connection, from this end or accepted.
func (c *cell) checkConnections(t *testing.T, r *convert.Report) {
	t.Helper()
	n := r.Connections
	switch {
	case n.FallenBack+n.Failed+n.Accepted.FallenBack+n.Accepted.TCP > 0:
		t.Errorf("the report has what never was: %+v", n)
	case c.server && (n.Listening != 1 || n.Accepted.MPTCP != 1 || n.Connected != 0):
		t.Errorf("the report has not one listener with one MPTCP connection: %+v", n)
	case !c.server && (n.Connected != 1 || n.MPTCP != 1 || n.Listening != 0):
		t.Errorf("the report has not one MPTCP connection: %+v", n)
	}
}

// judge reads the wire: nothing but MPTCP, and for servers its answer.
func (c *cell) judge(t *testing.T, wire seen) {
	t.Helper()
	syn, answer := wire.syn[c.port], wire.synACK[c.port]
	if syn.capable == 0 || syn.plain > 0 || answer.capable == 0 || answer.plain > 0 {
		t.Errorf("%v: on the wire are SYNs %+v, SYN/ACKs %+v", c, syn, answer)
	}
}
