package daemon

import (
	"net/netip"
	"strconv"
	"syscall"

	"allroads/internal/control"
	"allroads/pathmanager"
)

// tellEvent passes an event of the kernel on to whoever follows the events.
func (w *worker) tellEvent(e *pathmanager.Event) {
	kind, text := wordsOf(e)
	token := e.Token.String()
	w.stream.Publish(control.Event{Time: e.Time, Namespace: w.place.name, Kind: kind, Token: &token, Text: text, Why: causeOf(e)})
}

// wordsOf says what happened.
func wordsOf(e *pathmanager.Event) (kind, text string) {
	ends := ends(e)
	switch e.Type {
	case pathmanager.Created:
		return "connection", "begun: " + ends
	case pathmanager.Established:
		return "connection", "established: " + ends
	case pathmanager.Closed:
		return "connection", "closed"
	case pathmanager.Announced:
		return "subflow", "the peer announced " + far(e)
	case pathmanager.Removed:
		return "subflow", "the peer withdrew the address with id " + id(e.RemoteID)
	case pathmanager.SubflowEstablished:
		return "subflow", "subflow established: " + ends
	case pathmanager.SubflowClosed:
		return "subflow", "subflow closed: " + ends
	case pathmanager.SubflowPriority:
		return "subflow", "priority changed: " + ends
	}
	return "connection", e.Type.String()
}

// causeOf says why a subflow was closed, as far as the kernel tells.
func causeOf(e *pathmanager.Event) (why string) {
	if e.Type != pathmanager.SubflowClosed {
		return ""
	}
	if e.Error != nil && *e.Error != 0 {
		why = syscall.Errno(*e.Error).Error()
	}
	if e.ResetReason != nil {
		if why != "" {
			why += ", "
		}
		why += "reset with reason " + strconv.Itoa(int(*e.ResetReason))
	}
	return why
}

func ends(e *pathmanager.Event) string {
	return side(e.Source, e.SourcePort) + " - " + side(e.Destination, e.DestinationPort)
}

// far is an address that the peer announced.
func far(e *pathmanager.Event) string {
	return side(e.Destination, e.DestinationPort) + " id " + id(e.RemoteID)
}

func side(addr netip.Addr, port *uint16) string {
	switch {
	case !addr.IsValid():
		return "?"
	case port == nil || *port == 0:
		return addr.Unmap().String()
	}
	return netip.AddrPortFrom(addr.Unmap(), *port).String()
}

func id(id *uint8) string {
	if id == nil {
		return "?"
	}
	return strconv.Itoa(int(*id))
}
