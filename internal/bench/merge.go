package bench

import (
	"fmt"
	"time"
)

// result puts together what both ends saw.
func (c *client) result(err error) *Result {
	r := &Result{Schema: Schema, Test: c.o.Params, Server: c.server, Began: c.began, Complete: err == nil,
		Connections: c.connections(), Intervals: c.meter.intervals}
	ours := c.party.report()
	if err != nil {
		r.Errors = append(r.Errors, err.Error())
	}
	r.Errors = append(r.Errors, ours.Errors...)
	if c.theirs != nil {
		for _, text := range c.theirs.Errors {
			r.Errors = append(r.Errors, "the server: "+text)
		}
	}
	if c.o.Params.Mode == Latency {
		r.Latency = c.party.measured()
	}
	if c.o.Params.goes(Upload) || r.Latency != nil {
		r.Upload = c.flow(c.theirs, ours, true)
	}
	if c.o.Params.goes(Download) || r.Latency != nil {
		r.Download = c.flow(ours, c.theirs, false)
	}
	return r
}

// arrived holds that something has come of the test.
func (r *Result) arrived() error {
	for _, d := range []Direction{Upload, Download} {
		if f := r.flow(d); f != nil && f.Bytes != nil && *f.Bytes == 0 {
			return fmt.Errorf("no data arrived by %s", d)
		}
	}
	return nil
}

// connections are the test's as they are now.
func (c *client) connections() []Connection {
	list := make([]Connection, len(c.party.streams))
	for i, s := range c.party.streams {
		status := s.tally.now()
		list[i] = Connection{Number: i + 1, Local: addressOf(s.conn.LocalAddr()), Remote: addressOf(s.conn.RemoteAddr()),
			MPTCP: isMPTCP(status), Status: status.String()}
		if c.theirs != nil && i < len(c.theirs.Outgoing) {
			list[i].ServerStatus = &c.theirs.Outgoing[i].Status
		}
	}
	return list
}

// flow is one direction of a test with so many connections, of which either end's
// report may be missing.
func (c *client) flow(receiver, sender *Report, up bool) *Flow {
	f := new(Flow)
	count := c.o.Params.Connections
	received, sent := make([]*ConnectionReport, count), make([]*ConnectionReport, count)
	if receiver != nil && len(receiver.Incoming) == count {
		f.count(receiver)
		for i := range received {
			received[i] = &receiver.Incoming[i]
		}
	}
	if sender != nil && len(sender.Outgoing) == count {
		for i := range sent {
			sent[i] = &sender.Outgoing[i]
		}
	}
	for i := range count {
		f.Subflows = append(f.Subflows, pairUp(i, received[i], sent[i], up, c.places)...)
	}
	if f.Lasted != nil {
		for i := range f.Subflows {
			f.Subflows[i].Goodput = goodput(f.Subflows[i].carried(), *f.Lasted)
		}
	}
	f.Paths = pathsOf(f)
	return f
}

// count takes over what the receiver's program and kernel counted.
func (f *Flow) count(r *Report) {
	var bytes, received, inOrder uint64
	known := true
	f.Gap = new(Gap)
	for _, conn := range r.Incoming {
		bytes += conn.Received
		for _, s := range conn.Subflows {
			received += s.Received
		}
		switch {
		case conn.InOrder != nil:
			inOrder += *conn.InOrder
		case conn.MPTCP:
			known = false
		default: // On TCP all is in order.
			for _, s := range conn.Subflows {
				inOrder += s.Received
			}
		}
		if conn.Gap.Lasted >= f.Gap.Lasted {
			*f.Gap = conn.Gap
		}
	}
	f.Bytes, f.Received, f.Lasted = &bytes, &received, &r.Lasted
	f.Goodput = goodput(bytes, r.Lasted)
	if known {
		beyond := received - min(inOrder, received)
		f.Beyond = &beyond
	}
}

// goodput is in bits per second, nil when there was no time to measure it in.
func goodput(bytes uint64, lasted time.Duration) *float64 {
	if lasted <= 0 {
		return nil
	}
	rate := float64(bytes) * 8 / lasted.Seconds()
	return &rate
}

// pairUp joins what the two ends know of a connection's subflows, by their
// addresses. Where those are changed on the way there is a row for each end.
func pairUp(index int, received, sent *ConnectionReport, up bool, places places) (rows []Subflow) {
	of := func(counts *Counts, clientsView bool) *Subflow {
		at := pair{counts.Local, counts.Remote}
		if !clientsView {
			at = pair{counts.Remote, counts.Local}
		}
		for i := range rows {
			if rows[i].Client == at.local && rows[i].Server == at.remote {
				return &rows[i]
			}
		}
		rows = append(rows, Subflow{Connection: index + 1, Client: at.local, Server: at.remote,
			Interface: places[at.local.Addr()]})
		return &rows[len(rows)-1]
	}
	if received != nil {
		for i := range received.Subflows {
			of(&received.Subflows[i], !up).receive(&received.Subflows[i])
		}
	}
	if sent != nil {
		for i := range sent.Subflows {
			of(&sent.Subflows[i], up).send(&sent.Subflows[i])
		}
	}
	return rows
}

func (s *Subflow) receive(c *Counts) {
	s.Received = added(s.Received, c.Received)
	s.Closed = s.Closed || c.Closed
}

func (s *Subflow) send(c *Counts) {
	s.Sent, s.Acked = added(s.Sent, c.Sent), added(s.Acked, c.Acked)
	s.Retransmitted, s.Retransmissions = added(s.Retransmitted, c.Retransmitted), added(s.Retransmissions, c.Retransmissions)
	s.Closed = s.Closed || c.Closed
	if c.RTT > 0 {
		s.RTT = &c.RTT
	}
}

// added adds: a port that is used again makes a second subflow of the same
// addresses.
func added(to *uint64, n uint64) *uint64 {
	if to != nil {
		n += *to
	}
	return &n
}

// measured is the times of all connections.
func (p *party) measured() *Times {
	all := new(histogram)
	for _, h := range p.times {
		all.merge(h)
	}
	return &Times{Responses: all.n, Unanswered: p.lost.Load(), Unsent: p.late.Load(), Min: all.min, Mean: all.mean(),
		P50: all.percentile(50), P90: all.percentile(90), P99: all.percentile(99), P999: all.percentile(99.9), Max: all.max}
}
