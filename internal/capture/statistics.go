package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Close ends the file with a statistics block per interface and flushes it. The
// underlying writer stays open. Called again, it does nothing and returns the
// same.
//
// stats holds an element per interface, counted on that interface alone; or one
// element, counted on all interfaces together, as by a Ring; or an element for
// each run of Stats.Interfaces of them, as by a Merge; or nothing, when nobody
// counted. Only what is known of an interface is written: isb_usrdeliv, the
// packets written, always; isb_filteraccept and isb_osdrop (Stats.Packets and
// Drops) when counted on it alone. Of counts for several interfaces together, no
// drops are no drops on each; otherwise the block of each has, instead of the
// numbers, the same comment with the sum. Without stats, drops that the
// interfaces' descriptions or Dropped told are written.
func (w *Writer) Close(stats []Stats) error {
	if w.closed {
		return w.closeError
	}
	w.closed = true
	w.closeError = w.finish(stats)
	return w.closeError
}

func (w *Writer) finish(stats []Stats) error {
	counts, err := w.assign(stats)
	if err != nil {
		return errors.Join(fmt.Errorf("write interface statistics: %w", err), w.Flush())
	}
	now := time.Now()
	for i := range w.interfaces {
		if err := w.put(w.statistics(i, counts, now)); err != nil {
			return fmt.Errorf("write interface statistics: %w", err)
		}
	}
	return w.Flush()
}

// A count is of several interfaces, one after the other.
type count struct {
	Stats
	first int
}

// assign finds the count that each interface belongs to, if anybody counted.
func (w *Writer) assign(stats []Stats) (counts []count, err error) {
	for _, s := range stats {
		switch {
		case s.Interfaces < 0:
			return nil, fmt.Errorf("counts of %d interfaces", s.Interfaces)
		case s.Interfaces == 0 && len(stats) == 1:
			s.Interfaces = len(w.interfaces)
		case s.Interfaces == 0:
			s.Interfaces = 1
		}
		if s.Interfaces > len(w.interfaces)-len(counts) {
			return nil, fmt.Errorf("%d of them for %d interfaces", len(stats), len(w.interfaces))
		}
		counts = append(counts, slices.Repeat([]count{{s, len(counts)}}, s.Interfaces)...)
	}
	if len(counts) > 0 && len(counts) < len(w.interfaces) {
		return nil, fmt.Errorf("%d of them for %d interfaces", len(stats), len(w.interfaces))
	}
	return counts, nil
}

// statistics makes the block of one interface.
func (w *Writer) statistics(i int, counts []count, now time.Time) []byte {
	b := beginBlock(nil, blockStatistics)
	b = binary.LittleEndian.AppendUint32(b, uint32(i))
	b = appendTime(b, uint64(now.UnixNano()))
	at := &w.interfaces[i]
	switch {
	case len(counts) > 0:
		b = w.appendCount(b, counts[i])
	case at.DropsKnown:
		b = appendNumber(b, optionDropped, at.Drops)
	}
	b = appendNumber(b, optionDelivered, at.packets)
	return endBlock(appendOption(b, optionEnd, nil))
}

// appendCount adds what is known about an interface from a count.
func (w *Writer) appendCount(b []byte, c count) []byte {
	switch {
	case c.Interfaces == 1:
		b = appendNumber(b, optionFilterAccept, c.Packets)
		return appendNumber(b, optionDropped, c.Drops)
	case c.Drops == 0:
		return appendNumber(b, optionDropped, 0)
	}
	return appendOption(b, optionComment, []byte(w.shared(c)))
}

func (w *Writer) shared(c count) string {
	names := make([]string, c.Interfaces)
	for i := range names {
		names[i] = w.interfaces[c.first+i].Name
	}
	text := fmt.Sprintf("%d of %d packets were dropped on these interfaces together: %s",
		c.Drops, c.Packets, strings.Join(names, ", "))
	return text[:min(len(text), maxOption)]
}
