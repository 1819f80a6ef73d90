package trace

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Verdict says whether the packets prove that each connection used several
// paths, as it should, and what is not so.
type Verdict struct {
	Proven      bool     `json:"proven"`
	Connections int      `json:"connections"`
	Subflows    int      `json:"subflows"` // with a complete handshake
	Paths       int      `json:"paths"`    // that carried data; counted up to 65,536
	Reasons     []string `json:"reasons"`  // why it is not proven, the first 32
}

// String gives the verdict in one line.
func (v Verdict) String() string {
	if !v.Proven {
		return "NOT PROVEN: " + strings.Join(v.Reasons, "; ")
	}
	return fmt.Sprintf("PROVEN: %s, %s over %s",
		plural(v.Connections, "connection"), plural(v.Subflows, "subflow"), plural(v.Paths, "path"))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// maxReasons bounds how many reasons are named, and maxPaths how many paths are told
// apart.
const (
	maxReasons = 32
	maxPaths   = 1 << 16
)

// ConnectionVerdict says whether the packets prove that a connection used several
// paths.
type ConnectionVerdict struct {
	Proven  bool     `json:"proven"`
	Reasons []string `json:"reasons"` // why it is not, the first 32; none with Options.Brief
}

// judgement is a verdict in the making. Whatever is not known to be right stands in
// the way.
type judgement struct {
	v         Verdict
	hidden    int // reasons
	byAddress bool
	single    bool // of one connection
	quiet     bool // reasons are counted only
	paths     map[pathKey]bool
	own       []pathKey // of the connection at hand
}

// pathKey is what a path is told by: the interface where it was captured, or the
// addresses at its ends.
type pathKey struct {
	path           string
	client, server netip.Addr
}

func (j *judgement) key(s *Subflow) pathKey {
	if j.byAddress {
		return pathKey{client: s.Client.Addr(), server: s.Server.Addr()}
	}
	return pathKey{path: s.Path}
}

// object takes a reason, of the whole when there is no connection.
func (j *judgement) object(c *Connection, flow *Subflow, reason func() string) {
	if j.quiet || len(j.v.Reasons) >= maxReasons {
		j.hidden++
		return
	}
	var subject []string
	if c != nil && !j.single {
		subject = append(subject, fmt.Sprintf("connection %d", c.ID))
	}
	if flow != nil {
		subject = append(subject, fmt.Sprintf("subflow %d (%s)", flow.ID, flow.Path))
	}
	text := strings.Join(subject, ", ")
	if text != "" {
		text += ": "
	}
	j.v.Reasons = append(j.v.Reasons, text+reason())
}

// capture judges what the capture is good for.
func (j *judgement) capture(r *Report) {
	p := &r.Packets
	object := func(n uint64, noun, format string) {
		if n > 0 {
			j.object(nil, nil, func() string { return fmt.Sprintf(format, plural(int(n), noun)) })
		}
	}
	object(r.Dropped, "packet", "cannot judge: the capture lost %s")
	object(p.Cut, "packet", "cannot judge: too little was captured of %s")
	if !j.byAddress {
		object(p.NoPath, "packet", "cannot judge: %s came from an unknown interface")
	}
	object(p.Evicted, "unanswered flow", "cannot judge: %s given up for newer ones, beyond what can be followed at once")
	object(p.Fragment+p.TooDeep+p.Link, "packet", "cannot judge: %s in fragments, too deep in others, or of an unknown link type")
	object(p.Stray, "handshake or late packet", "%s of no connection here")
	for _, orphan := range r.Orphans {
		j.object(nil, nil, func() string {
			return fmt.Sprintf("on path %s an MP_JOIN has the token 0x%v, which is of no connection here", orphan.Path, orphan.Token)
		})
	}
}

// connection judges one.
func (j *judgement) connection(c *Connection) {
	if !c.Multipath {
		return
	}
	j.v.Connections++
	if c.Inferred != "" {
		j.object(c, nil, func() string { return "its start was not captured, that its subflows are of one is inferred" })
	}
	j.own = j.own[:0]
	j.checks(c.Checks, c, nil)
	for i := range c.Subflows {
		j.subflow(c, &c.Subflows[i])
	}
	for _, key := range j.own {
		if j.paths != nil && len(j.paths) < maxPaths {
			j.paths[key] = true
		}
	}
	if used := len(j.own); used < 2 && c.Inferred == "" { // else it is not known
		j.object(c, nil, func() string { return "it has delivered data on " + plural(used, "path") + " only" })
	}
}

func (j *judgement) subflow(c *Connection, flow *Subflow) {
	j.checks(flow.Checks, c, flow)
	if !flow.Established {
		return
	}
	j.v.Subflows++
	if key := j.key(flow); flow.Delivered() && !slices.Contains(j.own, key) {
		j.own = append(j.own, key)
	}
}

// checks objects to every one that is not known to be right.
func (j *judgement) checks(checks []Check, c *Connection, flow *Subflow) {
	for i := range checks {
		if check := &checks[i]; check.Status != OK {
			j.object(c, flow, func() string {
				return fmt.Sprintf("%s is %s: %s", check.Name, check.Status, check.Detail)
			})
		}
	}
}

// verdict is what it comes to, together with the rest of a report.
func (j *judgement) verdict(r *Report) Verdict {
	whole := judgement{byAddress: j.byAddress}
	whole.capture(r)
	v := j.v
	v.Reasons = slices.Concat([]string{}, whole.v.Reasons, v.Reasons)
	if v.Connections == 0 {
		v.Reasons = append(v.Reasons, "no MPTCP connection was seen")
	}
	if hidden := j.hidden + whole.hidden + max(len(v.Reasons)-maxReasons, 0); hidden > 0 {
		v.Reasons = append(v.Reasons[:min(len(v.Reasons), maxReasons)], fmt.Sprintf("and %d more", hidden))
	}
	v.Paths = len(j.paths)
	v.Proven = len(v.Reasons) == 0
	return v
}

// judge gives the verdict on a report, and on the connections that are no longer in
// it.
func (a *Analyzer) judge(r *Report) Verdict {
	j := a.judged
	j.byAddress, j.paths, j.own = a.o.ByAddress, map[pathKey]bool{}, nil
	maps.Copy(j.paths, a.judged.paths)
	j.v.Reasons = slices.Clone(a.judged.v.Reasons)
	for i := range r.Connections {
		j.connection(&r.Connections[i])
	}
	return j.verdict(r)
}

// judgeOver takes account of a connection that is no longer kept.
func (a *Analyzer) judgeOver(c *Connection) {
	if a.judged.paths == nil {
		a.judged.paths = map[pathKey]bool{}
	}
	a.judged.byAddress = a.o.ByAddress
	a.judged.connection(c)
}

// judgeAlone fills in the verdict on a connection.
func (a *Analyzer) judgeAlone(c *Connection) {
	j := judgement{byAddress: a.o.ByAddress, single: true, quiet: a.o.Brief, own: a.judged.own}
	j.connection(c)
	a.judged.own = j.own
	c.Verdict = ConnectionVerdict{Proven: c.Multipath && j.hidden+len(j.v.Reasons) == 0, Reasons: append([]string{}, j.v.Reasons...)}
	if j.hidden > 0 && !j.quiet {
		c.Verdict.Reasons = append(c.Verdict.Reasons, fmt.Sprintf("and %d more", j.hidden))
	}
}
