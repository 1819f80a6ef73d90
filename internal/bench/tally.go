package bench

import (
	"errors"
	"net/netip"
	"sync"

	"allroads/mptcp"
)

// tally follows the counters of a connection's subflows. One that has gone stays,
// with the counts that were seen last.
type tally struct {
	conn   *mptcp.Conn
	mu     sync.Mutex
	rows   []*row
	status mptcp.Status
	stream *mptcp.Traffic // data level, since the connection began; nil: not known
	before mptcp.Traffic
}

type row struct{ base, now Counts }

type pair struct{ local, remote netip.AddrPort }

func (c *Counts) pair() pair { return pair{c.Local, c.Remote} }

// begin makes what was counted up to now the zero.
func (t *tally) begin() error {
	err := t.look()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		r.base = r.now
	}
	if t.stream != nil {
		t.before = *t.stream
	}
	return err
}

// look reads the counters. An error leaves what was seen before.
func (t *tally) look() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	// First what has arrived in order, then what came on subflows: this way round
	// the second is never less.
	info, unknown := t.conn.Info()
	subflows, err := t.conn.Subflows()
	if errors.Is(err, mptcp.ErrNotMPTCP) {
		return t.lookPlain()
	}
	if err != nil {
		return err
	}
	now := make([]Counts, len(subflows))
	for i := range subflows {
		now[i] = countsOf(&subflows[i])
	}
	t.update(now)
	if unknown == nil {
		t.stream = info.Traffic
	}
	t.readStatus()
	return nil
}

// lookPlain is for a connection that is TCP. If it became so, its row goes on.
func (t *tally) lookPlain() error {
	t.readStatus()
	counts, err := plainCounts(t.conn)
	if err != nil {
		return err
	}
	t.stream = nil
	for _, r := range t.rows {
		if r.now.pair() == counts.pair() && !r.now.Closed {
			counts.id = r.now.id
		}
	}
	t.update([]Counts{*counts})
	return nil
}

func (t *tally) readStatus() {
	if status, err := t.conn.Status(); err == nil {
		t.status = status
	}
}

func (t *tally) update(now []Counts) {
	seen := map[*row]bool{}
	for _, c := range now {
		r := t.find(&c)
		if r == nil {
			r = new(row)
			t.rows = append(t.rows, r)
		}
		r.now = c
		seen[r] = true
	}
	for _, r := range t.rows {
		r.now.Closed = !seen[r]
	}
}

// find finds the row of a subflow that was there. A port may be used again for a
// new one.
func (t *tally) find(c *Counts) *row {
	for _, r := range t.rows {
		if !r.now.Closed && r.now.pair() == c.pair() && c.after(&r.now) {
			return r
		}
	}
	return nil
}

// counts lists what was counted since begin, and what the data level received
// since then, nil where the kernel does not tell.
func (t *tally) counts() (rows []Counts, received *uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		if c := r.now.since(&r.base); !c.Closed || c.Sent+c.Received > 0 {
			rows = append(rows, c)
		}
	}
	if t.stream != nil {
		n := t.stream.BytesReceived - t.before.BytesReceived
		received = &n
	}
	return rows, received
}

// acked is what the other end's kernel has acknowledged, each byte once where
// this kernel tells.
func (t *tally) acked() (bytes uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stream != nil {
		return t.stream.BytesAcked - t.before.BytesAcked
	}
	for _, r := range t.rows {
		bytes += r.now.Acked - r.base.Acked
	}
	return bytes
}

func (t *tally) now() mptcp.Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}
