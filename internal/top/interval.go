package top

import (
	"fmt"
	"time"
)

// The bounds of the time between two looks.
const (
	leastInterval   = 100 * time.Millisecond
	longestInterval = time.Hour
)

// CheckInterval refuses a time between looks that is too short to be of use, or too
// long.
func CheckInterval(interval time.Duration) error {
	if interval < leastInterval || interval > longestInterval {
		return fmt.Errorf("interval %v: it is from %v to %v", interval, leastInterval, longestInterval)
	}
	return nil
}

// intervals are those that + and - step through.
var intervals = [...]time.Duration{
	leastInterval, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute,
}

func longer(than time.Duration) time.Duration {
	for _, interval := range intervals {
		if interval > than {
			return interval
		}
	}
	return than
}

func shorter(than time.Duration) time.Duration {
	for i := len(intervals) - 1; i >= 0; i-- {
		if intervals[i] < than {
			return intervals[i]
		}
	}
	return than
}
