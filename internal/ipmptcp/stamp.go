package ipmptcp

import (
	"strconv"
	"time"
)

// stamp is how the time of an event is printed.
type stamp int

const (
	noStamp stamp = iota
	longStamp
	shortStamp
)

// key is what iproute2's JSON calls it.
func (s stamp) key() string {
	if s == shortStamp {
		return "timestamp_short"
	}
	return "timestamp"
}

// format gives local time in microseconds, which the long form does not fill
// with zeros.
func (s stamp) format(t time.Time) string {
	t = t.Local()
	if s == shortStamp {
		return t.Format("2006-01-02T15:04:05.000000")
	}
	return t.Format("Mon Jan _2 15:04:05 2006 ") + strconv.Itoa(t.Nanosecond()/1000) + " usec"
}

// before is what stands before an event in text.
func (s stamp) before(t time.Time) string {
	switch s {
	case longStamp:
		return "Timestamp: " + s.format(t) + "\n"
	case shortStamp:
		return "[" + s.format(t) + "] "
	}
	return ""
}
