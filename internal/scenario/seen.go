package scenario

import (
	"fmt"
	"slices"

	"allroads/lab"
	"allroads/trace"
)

// seen finds what the packets say about a subject.
func seen(r *trace.Report, e lab.Expectation) (value int64, why string, err error) {
	if err := doubt(r); err != nil {
		return 0, "", err
	}
	if e.Of != "" && !slices.Contains(r.Interfaces, e.Of) {
		return 0, "", fmt.Errorf("the packets are not from a host on link %s", e.Of)
	}
	switch e.Subject {
	case "connections":
		return count(r, established), "", nil
	case "fallbacks":
		return count(r, fellBack), "", nil
	case "subflows":
		return int64(r.Verdict.Subflows), "", nil
	case "paths":
		return int64(r.Verdict.Paths), "", nil
	case "bytes":
		return carried(r, e.Of), "", nil
	case "proven":
		return number(r.Verdict.Proven), r.Verdict.String(), nil
	}
	return 0, "", unheardOf(e.Subject)
}

// doubt says why the packets say nothing.
func doubt(r *trace.Report) error {
	switch {
	case r.Dropped > 0:
		return fmt.Errorf("the capture lost %d packets", r.Dropped)
	case r.Packets.Cut > 0:
		return fmt.Errorf("too little was captured of %d packets", r.Packets.Cut)
	case r.Packets.Evicted > 0:
		return fmt.Errorf("%d unanswered SYNs were beyond what can be followed at once", r.Packets.Evicted)
	}
	return nil
}

func count(r *trace.Report, is func(*trace.Connection) bool) (n int64) {
	for i := range r.Connections {
		if is(&r.Connections[i]) {
			n++
		}
	}
	return n
}

// established reports whether both ends of a connection agreed on MPTCP.
func established(c *trace.Connection) bool {
	return slices.ContainsFunc(c.Subflows, func(f trace.Subflow) bool { return f.Established })
}

// fellBack reports whether a connection went on as plain TCP: by an infinite
// mapping; or because the other end had not agreed, and yet has acknowledged
// something; or because what its only subflow carried has no place in the data
// stream (RFC 8684, section 3.7).
func fellBack(c *trace.Connection) bool {
	if c.Fallback != nil {
		return true
	}
	joined := slices.ContainsFunc(c.Subflows, func(f trace.Subflow) bool { return f.Established && !f.Initial })
	return !joined && slices.ContainsFunc(c.Subflows, func(f trace.Subflow) bool {
		return f.Initial && (isTCP(&f, &f.ToServer) || isTCP(&f, &f.ToClient))
	})
}

// isTCP reports whether the other end has payload from a direction of a subflow
// that MPTCP knows nothing of.
func isTCP(f *trace.Subflow, d *trace.Carried) bool {
	// A FIN counts as one.
	return d.Acknowledged > d.Bytes+d.Reinjected+1 || !f.Established && d.Acknowledged > 0
}

// carried is the data of MPTCP that a link has carried, or all have, each byte
// counted where it was seen first.
func carried(r *trace.Report, link string) (bytes int64) {
	for i := range r.Connections {
		for j := range r.Connections[i].Subflows {
			if flow := &r.Connections[i].Subflows[j]; link == "" || flow.Path == link {
				bytes += int64(flow.Total())
			}
		}
	}
	return bytes
}
