package ipmptcp

import (
	"fmt"

	"allroads/pathmanager"
)

// eventView prints events in the style that was asked for.
type eventView struct {
	*session
	palette    palette
	array      arrayWriter
	neighbours *neighbours // nil: the own namespace's events only
}

// isArray reports whether there is one array around all events, as iproute2 has
// it.
func (v *eventView) isArray() bool { return v.style.json && !v.style.schema }

func (v *eventView) begin() {
	if v.isArray() {
		v.array.begin()
		v.write()
	}
}

func (v *eventView) end() {
	if v.isArray() {
		v.array.end()
		v.write()
	}
}

func (v *eventView) write() {
	v.out.Write(v.array.text)
	v.array.text = v.array.text[:0]
}

func (v *eventView) event(e *pathmanager.Event) {
	from := v.place(e)
	switch {
	case v.style.schema:
		v.out.Write(eventDocument(e, from))
	case v.style.json:
		v.array.object(v.object(e, from))
		v.write()
	default:
		v.line(e, from)
	}
}

// place is where an event happened.
func (v *eventView) place(e *pathmanager.Event) *place {
	if v.neighbours == nil || e.NetNSID < 0 {
		return &place{device: v.deviceName}
	}
	return v.neighbours.find(e.NetNSID)
}

func (v *eventView) object(e *pathmanager.Event, from *place) (f fields) {
	if v.style.stamp != noStamp {
		f.text(v.style.stamp.key(), v.style.stamp.format(e.Time))
	}
	f.text("event", e.Type.String())
	for _, a := range eventAttributes(e, from) {
		f.add(a.key, a.json)
	}
	return f
}

func (v *eventView) line(e *pathmanager.Event, from *place) {
	v.out.WriteString(v.style.stamp.before(e.Time))
	if isKnown(e.Type) {
		fmt.Fprintf(v.out, "[%16s]", e.Type)
	} else {
		fmt.Fprintf(v.out, "[%s]", e.Type)
	}
	for _, a := range eventAttributes(e, from) {
		v.out.WriteString(" " + a.key)
		if a.text != "" {
			begin, end := v.paint(a)
			v.out.WriteString("=" + begin + a.text + end)
		}
	}
	v.out.WriteString(v.newline())
}

func (v *eventView) paint(a attribute) (begin, end string) {
	switch a.key {
	case "saddr4", "daddr4":
		return v.palette.inet, v.palette.end
	case "saddr6", "daddr6":
		return v.palette.inet6, v.palette.end
	case "dev":
		return v.palette.device, v.palette.end
	}
	return "", ""
}
