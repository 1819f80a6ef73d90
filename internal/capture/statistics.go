package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Block and option codes of draft-ietf-opsawg-pcapng, sections 3.5 and 4.6.
const (
	blockStatistics = 5

	optionEnd          = 0
	optionComment      = 1
	optionFilterAccept = 6 // isb_filteraccept
	optionDropped      = 7 // isb_osdrop
	optionDelivered    = 8 // isb_usrdeliv
)

// Close ends the file with a statistics block per interface and flushes it. The
// underlying writer stays open. Called again, it does nothing and returns the
// same.
//
// stats holds an element per interface, counted on that interface alone; or one
// element, counted on all interfaces together, as by a Ring; or nothing, when
// nobody counted. Only what is known of an interface is written: isb_usrdeliv, the
// packets written, always; isb_filteraccept and isb_osdrop (Stats.Packets and
// Drops) when counted on it alone. Of counts for several interfaces together, no
// drops are no drops on each; otherwise every block has, instead of the numbers,
// the same comment with the sum.
func (w *Writer) Close(stats []Stats) error {
	if w.closed {
		return w.closeError
	}
	w.closed = true
	w.closeError = w.finish(stats)
	return w.closeError
}

func (w *Writer) finish(stats []Stats) error {
	count := len(w.interfaces)
	if n := len(stats); n > 1 && n != count {
		err := fmt.Errorf("write interface statistics: %d of them for %d interfaces", n, count)
		return errors.Join(err, w.Flush())
	}
	now := time.Now()
	for i := range count {
		if _, err := w.out.Write(w.statistics(i, stats, now)); err != nil {
			return fmt.Errorf("write interface statistics: %w", err)
		}
	}
	return w.Flush()
}

// statistics makes the block of one interface. The pcapng library cannot write
// the options that fit here.
func (w *Writer) statistics(i int, stats []Stats, now time.Time) []byte {
	b := binary.LittleEndian.AppendUint32(nil, blockStatistics)
	b = binary.LittleEndian.AppendUint32(b, 0) // The length, once it is known.
	b = binary.LittleEndian.AppendUint32(b, uint32(i))
	b = binary.LittleEndian.AppendUint32(b, uint32(uint64(now.UnixNano())>>32))
	b = binary.LittleEndian.AppendUint32(b, uint32(now.UnixNano()))
	b = w.appendCounts(b, i, stats)
	b = appendNumber(b, optionDelivered, w.written[i])
	b = appendOption(b, optionEnd, nil)
	length := uint32(len(b) + 4)
	binary.LittleEndian.PutUint32(b[4:], length)
	return binary.LittleEndian.AppendUint32(b, length)
}

// appendCounts adds what stats tell about interface i.
func (w *Writer) appendCounts(b []byte, i int, stats []Stats) []byte {
	switch {
	case len(stats) == 0:
		return b
	case len(stats) == len(w.interfaces):
		b = appendNumber(b, optionFilterAccept, stats[i].Packets)
		return appendNumber(b, optionDropped, stats[i].Drops)
	case stats[0].Drops == 0:
		return appendNumber(b, optionDropped, 0)
	}
	return appendOption(b, optionComment, []byte(w.shared(stats[0])))
}

func (w *Writer) shared(s Stats) string {
	names := make([]string, len(w.interfaces))
	for i := range names {
		names[i] = w.interfaces[i].Name
	}
	text := fmt.Sprintf("%d of %d packets were dropped on these interfaces together: %s",
		s.Drops, s.Packets, strings.Join(names, ", "))
	return text[:min(len(text), maxOption)]
}

func appendNumber(b []byte, code uint16, v uint64) []byte {
	return appendOption(b, code, binary.LittleEndian.AppendUint64(nil, v))
}

// appendOption pads the value to 4 bytes, which its length does not count.
func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}
