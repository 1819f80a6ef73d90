package packets

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is what a packet's time is given as, with nanoseconds.
type Time int

const (
	Relative Time = iota // since the first packet, printed or not: that is what reports count from
	Absolute             // date and time of day
	Delta                // since the packet printed before
	Epoch                // since 1970 UTC
)

var timeNames = [...]string{Relative: "relative", Absolute: "absolute", Delta: "delta", Epoch: "epoch"}

func (t Time) String() string {
	if t < 0 || int(t) >= len(timeNames) {
		return "time " + strconv.Itoa(int(t))
	}
	return timeNames[t]
}

// MarshalText is String.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (t *Time) UnmarshalText(text []byte) error {
	for i, name := range timeNames {
		if name == string(text) {
			*t = Time(i)
			return nil
		}
	}
	return fmt.Errorf("read time format %q: want relative, absolute, delta or epoch", text)
}

// clock writes times.
type clock struct {
	format  Time
	zone    *time.Location
	started bool
	start   int64 // time of the first packet
	printed bool
	last    int64 // time of the packet printed before

	// What an absolute time begins and ends with, made once in a second.
	second     int64
	date, rest []byte
}

func newClock(format Time, zone *time.Location) clock {
	if zone == nil {
		zone = time.UTC
	}
	return clock{format: format, zone: zone, second: math.MinInt64}
}

// see takes a packet's time.
func (c *clock) see(at int64) {
	if !c.started {
		c.started, c.start = true, at
	}
}

// append writes the time of the next packet to be printed.
func (c *clock) append(b []byte, at int64) []byte {
	switch c.format {
	case Absolute:
		return c.absolute(b, at)
	case Epoch:
		return appendSince(b, 0, at)
	case Delta:
		from := c.last
		if !c.printed {
			from = at
		}
		c.printed, c.last = true, at
		return appendSince(b, from, at)
	}
	return appendSince(b, c.start, at)
}

// appendSince writes seconds; a clock may go backwards.
func appendSince(b []byte, from, to int64) []byte {
	length := uint64(to) - uint64(from)
	if to < from {
		b, length = append(b, '-'), -length
	}
	return appendNanoseconds(strconv.AppendUint(b, length/1e9, 10), uint32(length%1e9))
}

func appendNanoseconds(b []byte, n uint32) []byte {
	b = append(b, ".000000000"...)
	for at := len(b) - 1; n > 0; at-- {
		b[at] += byte(n % 10)
		n /= 10
	}
	return b
}

// absolute writes a time as of RFC 3339.
func (c *clock) absolute(b []byte, at int64) []byte {
	second, nanosecond := at/1e9, at%1e9
	if nanosecond < 0 {
		second, nanosecond = second-1, nanosecond+1e9
	}
	if second != c.second {
		t := time.Unix(second, 0).In(c.zone)
		c.second = second
		c.date, c.rest = t.AppendFormat(c.date[:0], "2006-01-02T15:04:05"), t.AppendFormat(c.rest[:0], "Z07:00")
	}
	return append(appendNanoseconds(append(b, c.date...), uint32(nanosecond)), c.rest...)
}
