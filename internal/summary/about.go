package summary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allroads/trace"
)

// About is what there is to say of a capture besides what its packets say.
type About struct {
	Files      []string
	Interfaces []trace.Interface
	Start, End int64  // times of the first and the last packet, nanoseconds since 1970 UTC, 0: not known
	Partial    string // why the result is of a part only, "" if it is not
	OutOfOrder uint64 // packets with a time before that of an earlier one
	Untimed    uint64 // packets without a time of their own
}

func (a *About) write(p *page, r *trace.Report) {
	p.field(0, "Capture", a.source())
	p.field(0, "Packets", a.packets(r))
	if text := unread(&r.Packets); text != "" {
		p.field(0, "Not read", p.paint(yellow, text))
	}
	if a.Partial != "" {
		p.field(0, p.paint(red, "PARTIAL"), printable(a.Partial))
	}
}

// source names the files, and where the packets were captured.
func (a *About) source() string {
	var files []string
	for _, name := range a.Files {
		files = append(files, printable(name))
	}
	text := listed(files)
	if names := a.interfaces(); len(names) > 0 {
		if text != "" {
			text += "; "
		}
		text += "on " + listed(names)
	}
	return text
}

func (a *About) interfaces() (names []string) {
	for i := range a.Interfaces {
		name := printable(a.Interfaces[i].Name)
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// maxNames are told of a list; captures may have hundreds of files and interfaces.
const maxNames = 6

func listed(names []string) string {
	if more := len(names) - maxNames; more > 0 {
		return strings.Join(names[:maxNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// span is how long the capture took, and since when.
func (a *About) span() string {
	if a.Start == 0 || a.End == 0 {
		return ""
	}
	return " in " + took(a.End-a.Start) + " from " + time.Unix(0, a.Start).UTC().Format("2006-01-02 15:04:05 UTC")
}

func (a *About) packets(r *trace.Report) string {
	text := fmt.Sprint(r.Packets.Total) + a.span() + "; lost: " + a.lost(r)
	var parts []string
	part := func(n uint64, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	part(r.Packets.NotMPTCP, "of TCP without MPTCP")
	part(r.Packets.NotTCP, "not of TCP")
	part(r.Packets.Copies, "seen before at another place")
	part(a.Untimed, "without a time")
	part(a.OutOfOrder, "with a time before that of an earlier one")
	if len(parts) > 0 {
		text += "; " + strings.Join(parts, ", ")
	}
	return text
}

// lost is how many packets the capture lost, as far as the files tell.
func (a *About) lost(r *trace.Report) string {
	sum, known := uint64(0), len(a.Interfaces) > 0
	for i := range a.Interfaces {
		sum += a.Interfaces[i].Drops
		known = known && a.Interfaces[i].DropsKnown
	}
	sum = max(sum, r.Dropped)
	switch {
	case known:
		return fmt.Sprint(sum)
	case sum > 0:
		return fmt.Sprintf("%d or more", sum)
	}
	return unknown
}

// unread says what could not be read.
func unread(c *trace.PacketCounts) string {
	var parts []string
	for _, one := range []struct {
		n    uint64
		what string
	}{
		{c.Cut, "captured too short"}, {c.Fragment, "later fragments"}, {c.TooDeep, "with too many headers around TCP"},
		{c.Link, "of an unknown link type"}, {c.NoPath, "from an unknown interface"},
		{c.Evicted, "first packets without an answer, given up for newer ones"},
	} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.what))
		}
	}
	return strings.Join(parts, ", ")
}
