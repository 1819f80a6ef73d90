package cli

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"allroads/internal/live"
	"allroads/mptcp"
)

const yellow = "33"

// unknown is what stands for what is not known.
const unknown = "?"

func (v *connsView) connection(c *live.Connection) {
	items := []item{state(c.State), {text: end(c.Local), color: bold}}
	if c.State == mptcp.StateListen {
		items = append(items, listener(c)...)
	} else {
		items = append(items, item{text: "-> " + end(c.Remote), color: bold, near: true})
		items = append(items, item{text: fmt.Sprintf("token %08x", c.Info.Token)})
		items = append(items, counts(c)...)
		items = append(items, v.traffic(c)...)
	}
	v.line(0, append(items, v.whose(c)...))
	for i := range c.Subflows {
		v.line(2, v.subflow(&c.Subflows[i], &c.Paths[i]))
	}
}

func listener(c *live.Connection) []item {
	if c.PortEndpoint {
		return []item{{text: "the kernel's own, for an endpoint with a port"}}
	}
	return []item{{text: fmt.Sprintf("waiting %d of %d", c.RecvQueue, c.SendQueue)}}
}

// state is that of a connection or a subflow.
func state(s mptcp.TCPState) item {
	color := map[mptcp.TCPState]string{mptcp.StateEstablished: green, mptcp.StateListen: blue,
		mptcp.StateSynSent: yellow, mptcp.StateSynRecv: yellow}[s]
	return item{text: s.String(), color: color}
}

// end is an address as it is, an IPv6 one with a port in brackets. Any address is
// a star.
func end(at netip.AddrPort) string {
	if at.Addr().IsUnspecified() && at.Port() == 0 {
		return "*"
	}
	return at.String()
}

// counts say what subflows there are, by their own states.
func counts(c *live.Connection) []item {
	text := fmt.Sprintf("%d established", c.Established())
	if n := c.Pending(); n > 0 {
		text += fmt.Sprintf(", %d pending", n)
	}
	if n := c.Closing(); n > 0 {
		text += fmt.Sprintf(", %d closing", n)
	}
	limit := unknown
	if n, known := c.Limit(); known {
		limit = fmt.Sprint(n)
	}
	var items []item
	if c.Info.Fallback {
		items = append(items, item{text: "fell back to TCP", color: red})
	} else {
		text += " of " + limit
	}
	items = append(items, item{text: text})
	if c.Changing {
		items = append(items, item{text: "changing", color: yellow})
	}
	return items
}

// traffic is that of the whole connection.
func (v *connsView) traffic(c *live.Connection) (items []item) {
	if v.watching {
		items = rates(c.Sent, c.Received)
	}
	if t := c.Info.Traffic; t != nil {
		items = append(items, item{text: "sent " + bytesText(t.BytesSent)}, item{text: "received " + bytesText(t.BytesReceived)},
			item{text: "retransmitted " + bytesText(t.BytesRetransmitted)})
	} else {
		items = append(items, item{text: "sent ?"}, item{text: "received ?"}, item{text: "retransmitted ?"})
	}
	if idle := c.Info.Idle; idle != nil {
		return append(items, item{text: "idle " + fmt.Sprintf("%.1f s", min(idle.DataSent, idle.DataReceived).Seconds())})
	}
	return append(items, item{text: "idle ?"})
}

// whose says where a connection is at home.
func (v *connsView) whose(c *live.Connection) (items []item) {
	if v.spaces && c.Space != "" {
		items = append(items, item{text: "netns " + printable(c.Space)})
	}
	if !v.owners {
		return items
	}
	owners := "owner ?"
	if c.OwnersKnown {
		owners = "no owner"
	} else {
		v.unowned = true
	}
	for i, o := range c.Owners {
		if i == 0 {
			owners = "owner "
		} else {
			owners += ", "
		}
		owners += fmt.Sprintf("%s (%d)", printable(o.Name), o.PID)
	}
	items = append(items, item{text: owners})
	if c.Cgroup != "" {
		items = append(items, item{text: "cgroup " + printable(c.Cgroup)})
	}
	return items
}

// printable keeps a name that somebody else chose from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
