package page

import (
	"cmp"
	"fmt"
	"slices"

	"allroads/trace"
)

// rung is an arrow of the ladder.
type rung struct {
	at            int64
	packet        uint64 // 0: its number is not known
	by            string // client or server
	class         string
	time          string // since the connection began
	label, detail string
}

// maxRungs is how many are drawn, and maxDetail how long what is said besides may be.
const (
	maxRungs  = 48
	maxDetail = 84
)

// rungsOf are the first events, each SYN's answer among them, and how many more
// there are.
func rungsOf(c *trace.Connection) (all []rung, left int) {
	classes := styles(c)
	for i := range c.Events {
		e := &c.Events[i]
		at := subflowIndex(c, e.Subflow)
		if at < 0 {
			continue
		}
		flow := &c.Subflows[at]
		r := rung{at: e.Time, packet: e.Packet, by: e.By, class: classes[at] + " " + tone(e.Kind)}
		r.label, r.detail = wording(c, flow, e)
		all = append(all, r)
		if answer, ok := answered(c, flow, e); ok {
			answer.class = classes[at] + " plain"
			all = append(all, answer)
		}
	}
	slices.SortStableFunc(all, func(a, b rung) int { return cmp.Compare(a.at, b.at) })
	for i := range all {
		all[i].time = "+" + duration(max(all[i].at-c.Opened, 0))
	}
	left = int(c.Hidden)
	if len(all) > maxRungs {
		all, left = all[:maxRungs], left+len(all)-maxRungs
	}
	return all, left
}

func subflowIndex(c *trace.Connection, id int) int {
	return slices.IndexFunc(c.Subflows, func(s trace.Subflow) bool { return s.ID == id })
}

// answered is the answer to a subflow's SYN, at the time that its round trip tells.
func answered(c *trace.Connection, flow *trace.Subflow, e *trace.Event) (rung, bool) {
	took, by := flow.ToServer.RTT.Handshake, "server"
	if flow.OpenedBy == "server" {
		took, by = flow.ToClient.RTT.Handshake, "client"
	}
	if e.Kind != trace.EventOpened || took == 0 {
		return rung{}, false
	}
	label := "SYN/ACK" + option(c, flow)
	if flow.Outcome == trace.OutcomePlain {
		label = "SYN/ACK without MPTCP"
	}
	return rung{at: e.Time + took, by: by, label: fmt.Sprintf("%d · %s", flow.ID, label)}, true
}

// option is what a handshake carries.
func option(c *trace.Connection, flow *trace.Subflow) string {
	switch {
	case !c.Multipath:
		return ""
	case flow.Initial:
		return ", MP_CAPABLE"
	}
	return ", MP_JOIN"
}

// wording is what an arrow is called and what there is to say besides.
func wording(c *trace.Connection, flow *trace.Subflow, e *trace.Event) (label, detail string) {
	label, detail = called(e.Kind), e.Detail
	switch e.Kind {
	case trace.EventOpened:
		label, detail = "SYN"+option(c, flow), opening(flow)
	case trace.EventEstablished:
		label = "ACK" + option(c, flow)
	}
	return fmt.Sprintf("%d · %s", flow.ID, label), cut(detail, maxDetail)
}

// called is the packet that an event is about.
func called(kind trace.EventKind) string {
	switch kind {
	case trace.EventAddAddr:
		return "ADD_ADDR"
	case trace.EventEcho:
		return "ADD_ADDR echo"
	case trace.EventRemoveAddr:
		return "REMOVE_ADDR"
	case trace.EventPriority:
		return "MP_PRIO"
	case trace.EventFail:
		return "MP_FAIL"
	case trace.EventFastClose:
		return "MP_FASTCLOSE"
	case trace.EventFallback:
		return "falls back to TCP"
	case trace.EventDataFIN:
		return "DATA_FIN"
	case trace.EventRefused:
		return "RST: refused"
	case trace.EventReset:
		return "RST"
	case trace.EventStale:
		return "answer after a long silence"
	case trace.EventFIN:
		return "FIN of both acknowledged"
	}
	return string(kind)
}

// opening is what is known of a SYN.
func opening(flow *trace.Subflow) string {
	text := flow.Client.String() + " → " + flow.Server.String()
	if flow.OpenedBy == "server" {
		text = flow.Server.String() + " → " + flow.Client.String()
	}
	if flow.Backup {
		text += ", backup"
	}
	if flow.SYNs > 1 {
		text += ", " + plural(flow.SYNs, "SYN")
	}
	return text
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

// whole is all of it in words.
func (r *rung) whole() string {
	text := r.time + ", " + r.by + ": " + r.label
	if r.detail != "" {
		text += "; " + r.detail
	}
	return text
}
