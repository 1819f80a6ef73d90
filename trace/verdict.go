package trace

import (
	"fmt"
	"strings"
)

// Verdict says whether the packets prove that each connection used several
// paths, as it should, and what is not so.
type Verdict struct {
	Proven      bool     `json:"proven"`
	Connections int      `json:"connections"`
	Subflows    int      `json:"subflows"` // with a complete handshake
	Paths       int      `json:"paths"`    // that carried data
	Reasons     []string `json:"reasons"`  // why it is not proven
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

// maxReasons bounds how many reasons are named.
const maxReasons = 32

// judge derives the verdict from a report's other parts. Whatever is not known
// to be right stands in the way.
func judge(r *Report) Verdict {
	v := Verdict{Reasons: []string{}}
	hidden := 0
	object := func(format string, args ...any) {
		if len(v.Reasons) >= maxReasons {
			hidden++
			return
		}
		v.Reasons = append(v.Reasons, fmt.Sprintf(format, args...))
	}
	if r.Dropped > 0 {
		object("cannot judge: the capture lost %s", plural(int(r.Dropped), "packet"))
	}
	if r.Packets.Cut > 0 {
		object("cannot judge: too little was captured of %s", plural(int(r.Packets.Cut), "packet"))
	}
	if r.Packets.NoPath > 0 {
		object("cannot judge: %s came from an unknown interface", plural(int(r.Packets.NoPath), "packet"))
	}
	if r.Packets.Evicted > 0 {
		object("cannot judge: %s given up for newer ones, beyond what can be followed at once", plural(int(r.Packets.Evicted), "unanswered flow"))
	}
	if unread := r.Packets.Fragment + r.Packets.TooDeep + r.Packets.Link; unread > 0 {
		object("cannot judge: %s in fragments, too deep in others, or of an unknown link type", plural(int(unread), "packet"))
	}
	if r.Packets.Stray > 0 {
		object("%s of no connection here", plural(int(r.Packets.Stray), "handshake or late packet"))
	}
	for _, orphan := range r.Orphans {
		object("on path %s an MP_JOIN has the token 0x%v, which is of no connection here", orphan.Path, orphan.Token)
	}
	paths := map[string]bool{}
	for i := range r.Connections {
		if conn := &r.Connections[i]; conn.Multipath {
			v.Connections++
			judgeConnection(conn, &v, paths, object)
		}
	}
	if v.Connections == 0 {
		object("no MPTCP connection was seen")
	}
	if hidden > 0 {
		v.Reasons = append(v.Reasons, fmt.Sprintf("and %d more", hidden))
	}
	v.Paths = len(paths)
	v.Proven = len(v.Reasons) == 0
	return v
}

func judgeConnection(c *Connection, v *Verdict, paths map[string]bool, object func(string, ...any)) {
	if c.Inferred != "" {
		object("connection %d: its start was not captured, that its subflows are of one is inferred", c.ID)
	}
	used := map[string]bool{}
	objectTo(c.Checks, fmt.Sprintf("connection %d", c.ID), object)
	for i := range c.Subflows {
		flow := &c.Subflows[i]
		objectTo(flow.Checks, fmt.Sprintf("connection %d, subflow %d (%s)", c.ID, flow.ID, flow.Path), object)
		if !flow.Established {
			continue
		}
		v.Subflows++
		if flow.Delivered() {
			used[flow.Path], paths[flow.Path] = true, true
		}
	}
	if len(used) < 2 {
		object("connection %d has delivered data on %s only", c.ID, plural(len(used), "path"))
	}
}

// objectTo names every check that is not known to be right.
func objectTo(checks []Check, subject string, object func(string, ...any)) {
	for _, check := range checks {
		if check.Status != OK {
			object("%s: %s is %s: %s", subject, check.Name, check.Status, check.Detail)
		}
	}
}
