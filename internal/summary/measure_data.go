package summary

import (
	"net/netip"
	"strings"

	"allroads/trace"
)

// on reports whether a subflow is on the path that the expectation names: by the
// interface where it was captured, an address at either end, or both with a dash
// between them.
func (e *Expectation) on(f *trace.Subflow) bool {
	if e.Of == "" || f.Path == e.Of || isAddress(e.Of, f.Client) || isAddress(e.Of, f.Server) {
		return true
	}
	one, other, found := strings.Cut(e.Of, "-")
	return found && (isAddress(one, f.Client) && isAddress(other, f.Server) || isAddress(other, f.Client) && isAddress(one, f.Server))
}

func isAddress(text string, at netip.AddrPort) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Unmap() == at.Addr().Unmap()
}

// added sums up a part and the whole it is of, over both directions of the subflows on
// a path.
func (e *Expectation) added(c *trace.Connection, part, whole func(*trace.Carried) uint64) (v value) {
	for i := range c.Subflows {
		f := &c.Subflows[i]
		if !e.on(f) {
			continue
		}
		v.has = true
		v.n += float64(part(&f.ToServer) + part(&f.ToClient))
		v.whole += float64(whole(&f.ToServer) + whole(&f.ToClient))
	}
	if v.has && v.whole == 0 {
		v.why = noData
	}
	return v
}

func loss(c *trace.Connection, e *Expectation) value {
	return e.added(c, func(d *trace.Carried) uint64 { return d.Resent }, func(d *trace.Carried) uint64 { return d.Segments })
}

func retransmittedShare(c *trace.Connection, e *Expectation) value {
	return e.added(c, func(d *trace.Carried) uint64 { return d.Retransmitted }, func(d *trace.Carried) uint64 { return d.Payload })
}

func reinjectedShare(c *trace.Connection, e *Expectation) value {
	return e.added(c, func(d *trace.Carried) uint64 { return d.Reinjected }, func(d *trace.Carried) uint64 { return d.Bytes })
}

func carried(c *trace.Connection, e *Expectation) (v value) {
	for i := range c.Subflows {
		if f := &c.Subflows[i]; e.on(f) {
			v.has = true
			v.n += float64(f.Total())
		}
	}
	return v
}

// share is of all data, whether the connection has the path or not.
func share(c *trace.Connection, e *Expectation) value {
	v := carried(c, e)
	v.whole = float64(newData(c))
	return v
}

func bytesToServer(c *trace.Connection, _ *Expectation) value {
	return number(float64(c.ToServer.Bytes))
}

func bytesToClient(c *trace.Connection, _ *Expectation) value {
	return number(float64(c.ToClient.Bytes))
}

func rateOf(c *trace.Connection, e *Expectation) value {
	rate := goodput(c)
	switch e.Of {
	case toServer:
		rate = c.ToServer.Goodput
	case toClient:
		rate = c.ToClient.Goodput
	}
	if rate == 0 {
		return notKnown("there is no time to divide data by")
	}
	return number(float64(rate))
}

func aggregation(c *trace.Connection, _ *Expectation) value {
	gain := &c.Conclusion.ToServer
	if c.ToClient.Bytes > c.ToServer.Bytes {
		gain = &c.Conclusion.ToClient
	}
	if gain.Goodput == 0 || gain.Best == 0 {
		return notKnown("there is no goodput of a subflow to compare with")
	}
	return value{n: float64(gain.Goodput), whole: float64(gain.Best), has: true}
}

// rtt leaves out subflows of which data had no answer.
func rtt(c *trace.Connection, e *Expectation) (v value) {
	for i := range c.Subflows {
		f := &c.Subflows[i]
		for _, r := range [...]*trace.RTT{&f.ToServer.RTT, &f.ToClient.RTT} {
			if e.on(f) && r.Samples > 0 {
				v = number(max(v.n, float64(r.Average)))
			}
		}
	}
	return v
}

func stall(c *trace.Connection, _ *Expectation) value {
	if c.ToServer.First == 0 && c.ToClient.First == 0 {
		return notKnown(noData)
	}
	return number(float64(max(c.ToServer.Stall.Duration, c.ToClient.Stall.Duration)))
}

func buffer(c *trace.Connection, _ *Expectation) value {
	if c.ToServer.First == 0 && c.ToClient.First == 0 {
		return notKnown(noData)
	}
	return number(float64(max(c.ToServer.Reordering.Buffer, c.ToClient.Reordering.Buffer)))
}

func establishment(c *trace.Connection, _ *Expectation) value {
	if c.Establishment == 0 {
		return notKnown("its handshake was not seen, or not completed")
	}
	return number(float64(c.Establishment))
}

func secondSubflow(c *trace.Connection, _ *Expectation) value {
	if c.SecondSubflow == 0 {
		return notKnown("no other subflow was seen to be established")
	}
	return number(float64(c.SecondSubflow))
}
