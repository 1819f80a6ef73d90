package impair

import (
	"math"
	"time"
)

// never is later than all departures.
const never = time.Duration(math.MaxInt64)

// A traveller is a frame on its way.
type traveller struct {
	at    time.Duration // its departure
	frame []byte
}

// lanes keep frames until they depart. As reordered frames keep order among
// themselves, and the others too, two queues do the work of a heap.
type lanes struct {
	ordered, reordered fifo[traveller]
}

func (l *lanes) hold(frame []byte, d Departure) {
	lane := &l.ordered
	if d.Reordered {
		lane = &l.reordered
	}
	lane.push(traveller{d.At, frame})
}

// first returns the lane whose frame is the next to depart, nil if there is none.
func (l *lanes) first() *fifo[traveller] {
	switch {
	case l.reordered.length == 0 && l.ordered.length == 0:
		return nil
	case l.reordered.length == 0:
		return &l.ordered
	case l.ordered.length == 0 || l.reordered.front().at < l.ordered.front().at:
		return &l.reordered
	}
	return &l.ordered
}

// next returns when the next frame departs, never if there is none.
func (l *lanes) next() time.Duration {
	if lane := l.first(); lane != nil {
		return lane.front().at
	}
	return never
}

// leave removes the next frame to depart, nil if none is due.
func (l *lanes) leave(now time.Duration) []byte {
	lane := l.first()
	if lane == nil || lane.front().at > now {
		return nil
	}
	frame := lane.front().frame
	lane.pop()
	return frame
}
