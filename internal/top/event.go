package top

import (
	"fmt"
	"net/netip"
	"syscall"

	"allroads/internal/fullscreen"
	"allroads/pathmanager"
	"allroads/wire"
)

// happen takes an event in.
func (m *model) happen(e event) {
	if e.end != nil {
		delete(m.heard, e.space)
		m.deaf = whyDeaf(e.end)
		return
	}
	if style, text := describe(&e.Event); text != "" {
		m.journal.add(entry{e.Time, e.space, uint32(e.Token), style, text})
	}
}

// describe puts an event into words; what is not about connections has none.
func describe(e *pathmanager.Event) (fullscreen.Style, string) {
	subflow := "subflow " + endsOf(e)
	switch e.Type {
	case pathmanager.Created:
		return 0, "connection made"
	case pathmanager.Established:
		return fullscreen.Green, "connection established"
	case pathmanager.Closed:
		return fullscreen.Red, "connection closed"
	case pathmanager.SubflowEstablished:
		return fullscreen.Green, subflow + " established" + asBackup(e)
	case pathmanager.SubflowClosed:
		return fullscreen.Red, subflow + " closed" + reason(e)
	case pathmanager.SubflowPriority:
		return fullscreen.Yellow, priority(e) + ": " + subflow
	case pathmanager.Announced:
		return fullscreen.Cyan, "the peer announced " + announced(e)
	case pathmanager.Removed:
		return fullscreen.Yellow, "the peer withdrew its address" + numbered(e.RemoteID)
	case pathmanager.Loss:
		return fullscreen.Red, loss(e)
	}
	return 0, ""
}

// endsOf are those of an event's subflow.
func endsOf(e *pathmanager.Event) string {
	return between(addrPort(e.Source, e.SourcePort), addrPort(e.Destination, e.DestinationPort))
}

func addrPort(addr netip.Addr, port *uint16) netip.AddrPort {
	if port == nil {
		return netip.AddrPortFrom(addr.Unmap(), 0)
	}
	return netip.AddrPortFrom(addr.Unmap(), *port)
}

func between(local, remote netip.AddrPort) string { return local.String() + " → " + remote.String() }

func asBackup(e *pathmanager.Event) string {
	if e.Backup != nil && *e.Backup {
		return " as a backup"
	}
	return ""
}

// reason is why a subflow was closed, as far as the kernel tells.
func reason(e *pathmanager.Event) (text string) {
	if e.Error != nil && *e.Error != 0 {
		text = ": " + syscall.Errno(*e.Error).Error()
	}
	if e.ResetReason != nil {
		text += fmt.Sprintf("; reset, %s", wire.ResetReason(*e.ResetReason))
	}
	return text
}

func priority(e *pathmanager.Event) string {
	if e.Backup == nil {
		return "the peer wants another priority"
	}
	return "the peer " + wants(*e.Backup)
}

func announced(e *pathmanager.Event) string {
	text := e.Destination.Unmap().String()
	if e.DestinationPort != nil && *e.DestinationPort != 0 {
		text = addrPort(e.Destination, e.DestinationPort).String()
	}
	return text + numbered(e.RemoteID)
}

func numbered(id *uint8) string {
	if id == nil {
		return ""
	}
	return fmt.Sprintf(" (id %d)", *id)
}

func loss(e *pathmanager.Event) string {
	if e.LostKnown {
		return fmt.Sprintf("%d events are missing here: they came too fast", e.Lost)
	}
	return "events are missing here: they came too fast"
}
