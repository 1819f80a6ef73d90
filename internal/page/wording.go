package page

import (
	"fmt"

	"allroads/trace"
)

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
