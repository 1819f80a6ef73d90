package programs

import (
	"slices"
	"strings"

	"allroads/internal/convert"
	"allroads/internal/recorder"
	"allroads/internal/watch"
	"allroads/trace"
)

// record takes the packets of the client. The ring is for a busy machine.
func (p *play) record() *recorder.Recorder {
	p.Helper()
	taken, err := recorder.Start(p.network, client, recorder.Options{SnapLen: 256, RingBytes: 48 << 20})
	p.must(err)
	return taken
}

// judgePlain sees that without allroads there is no MPTCP.
func (p *play) judgePlain(taken *recorder.Recorder) {
	p.Helper()
	report, err := taken.Finish()
	p.must(err)
	if report.Packets.Total == 0 || len(report.Connections) > 0 {
		p.Errorf("without allroads: %d packets, %v", report.Packets.Total, report.Verdict)
	}
}

// judge reads the packets: all connections were MPTCP to their end, and the one that
// carried the content is proven to have used both paths.
func (p *play) judge(taken *recorder.Recorder) {
	p.Helper()
	taken.AwaitClose(p.Context(), 0)
	report, err := taken.Finish()
	p.must(err)
	if report.Dropped > 0 || len(report.Connections) == 0 {
		p.Fatalf("%d packets lost, %d connections", report.Dropped, len(report.Connections))
	}
	for _, c := range report.Connections {
		if !c.Multipath || c.Fallback != nil {
			p.Errorf("connection %d was not MPTCP: %v", c.ID, &c.Conclusion)
		}
	}
	c := slices.MaxFunc(report.Connections, func(a, b trace.Connection) int { return int(carried(&a)) - int(carried(&b)) })
	reasons := c.Verdict.Reasons
	if p.cut {
		reasons = slices.DeleteFunc(slices.Clone(reasons), endOnly)
	} else if c.Verdict.Proven != (len(reasons) == 0) || carried(&c) < uint64(len(content)) {
		p.Errorf("connection %d carried %d bytes; proven %v", c.ID, carried(&c), c.Verdict.Proven)
	}
	if len(reasons) > 0 {
		p.Errorf("connection %d is not proven: %q", c.ID, reasons)
	}
	if paths := paths(&c); len(paths) != 2 || min(paths["red"], paths["blue"]) < uint64(len(content))/50 {
		p.Errorf("the paths carried %v", paths)
	}
}

// endOnly reports whether a reason says no more than that a connection was cut short.
func endOnly(reason string) bool {
	return strings.Contains(reason, " is unknown: ") || strings.HasPrefix(reason, "close is bad: cut short") ||
		strings.HasSuffix(reason, ": reset is bad: unspecified")
}

func carried(c *trace.Connection) uint64 { return max(c.ToServer.Bytes, c.ToClient.Bytes) }

// paths is how much of the content each path carried.
func paths(c *trace.Connection) map[string]uint64 {
	paths := map[string]uint64{}
	for _, s := range c.Subflows {
		paths[s.Path] += max(s.ToServer.Bytes, s.ToClient.Bytes)
	}
	return paths
}

// check judges the report of allroads.
func (r *running) check(asked convert.Strategy, code int) {
	r.Helper()
	report := r.read()
	if !r.expected(report.Strategy, asked) || report.Exit == nil || report.Exit.Code != code {
		r.Errorf("%s: strategy %q, exit %+v, not %d; others %v", r.command, report.Strategy, report.Exit, code, report.Others)
	}
	filters := report.Strategy == convert.Notify || report.Strategy == convert.Trace
	if want := filters && r.user == ordinary; report.NoNewPrivs != want {
		r.Errorf("%s: the report says no_new_privs %v, not %v", r.command, report.NoNewPrivs, want)
	}
	switch s := report.Sockets; {
	case report.Strategy == convert.Godebug:
		if s != nil {
			r.Errorf("%s: the report counts sockets, which nobody did: %+v", r.command, s)
		}
	case s == nil || !r.enough(s.Converted, r.opens) || s.Missed+len(s.Left)+len(s.Refused)+len(s.Rings)+len(s.OwnListeners) > 0:
		r.Errorf("%s: the report has sockets %+v, not %d converted", r.command, s, r.opens)
	}
	n := report.Connections
	if !r.enough(n.MPTCP, r.connected) || n.FallenBack+n.Accepted.FallenBack > 0 || r.connected > 0 && !two(n.Subflows) {
		r.Errorf("%s: the report has not %d MPTCP connections, one with two subflows: %+v", r.command, r.connected, n)
	}
	if r.accepted != (n.Accepted.MPTCP > 0) || r.accepted && !two(n.Accepted.Subflows) {
		r.Errorf("%s: the report has no accepted MPTCP connection with two subflows: %+v", r.command, n)
	}
}

// enough compares numbers in a report with what has to be there.
func (r *running) enough(got, want int) bool { return got == want || r.more && got > want }

func two(list []watch.Subflows) bool {
	return slices.ContainsFunc(list, func(s watch.Subflows) bool { return s.Subflows == 2 })
}

// expected reports whether a strategy is the one that was asked for, or the best.
func (r *running) expected(taken, asked convert.Strategy) bool {
	switch {
	case asked != "":
		return taken == asked
	case r.godebug:
		return taken == convert.Godebug
	}
	return taken == convert.Notify || taken == convert.BPF // where the host allows it
}
