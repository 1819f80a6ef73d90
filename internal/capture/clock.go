package capture

import (
	"math"
	"math/bits"
	"time"
)

// A clock says what the times of an interface count (draft-ietf-opsawg-pcapng,
// section 4.2, if_tsresol and if_tsoffset): nanoseconds are ticks × factor ÷
// divisor ÷ 2^shift + offset.
type clock struct {
	factor  uint64
	divisor uint64 // unless shift is set
	shift   uint
	offset  int64 // ns
}

// microseconds is the clock of an interface that does not say.
var microseconds = clock{factor: 1000, divisor: 1}

// Finer steps than these do not leave room for a time in 64 bits.
const (
	finestDecimal = 19
	finestBinary  = 63
)

// newClock makes the clock of an if_tsresol: a power of two if the first bit is
// set, of ten otherwise.
func newClock(resolution byte) (c clock, ok bool) {
	exponent := resolution & 0x7f
	switch {
	case resolution&0x80 != 0:
		return clock{factor: uint64(time.Second), divisor: 1, shift: uint(exponent)}, exponent <= finestBinary
	case exponent <= 9:
		return clock{factor: power(9 - exponent), divisor: 1}, true
	case exponent <= finestDecimal:
		return clock{factor: 1, divisor: power(exponent - 9)}, true
	}
	return clock{}, false
}

func power(exponent byte) uint64 {
	v := uint64(1)
	for range exponent {
		v *= 10
	}
	return v
}

// step is the time between two ticks, rounded up.
func (c *clock) step() time.Duration {
	unit := c.divisor << c.shift
	return time.Duration((c.factor + unit - 1) / unit)
}

// time returns nanoseconds since 1970, unless they are beyond an int64.
func (c *clock) time(ticks uint64) (ns int64, ok bool) {
	high, low := bits.Mul64(ticks, c.factor)
	switch {
	case c.shift > 0:
		low = high<<(64-c.shift) | low>>c.shift
		high >>= c.shift
	case c.divisor > 1:
		low /= c.divisor
	}
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	ns = int64(low) + c.offset
	return ns, c.offset <= 0 || ns >= c.offset
}
