package page

import (
	"strconv"
	"time"

	"allroads/trace"
)

// unknown stands for what the packets do not tell.
const unknown = "–"

// digits writes about four significant ones.
func digits(n float64) string {
	decimals := 0
	for limit := 1000.0; n < limit && decimals < 3; limit /= 10 {
		decimals++
	}
	s := strconv.FormatFloat(n, 'f', max(decimals-1, 0), 64)
	return s
}

// scaled writes a number with a unit's decimal multiple.
func scaled(n float64, unit string) string {
	if n < 1000 {
		return strconv.FormatFloat(n, 'f', -1, 64) + " " + unit
	}
	prefixes := "kMGTPE"
	i := 0
	for n /= 1000; n >= 999.95 && i < len(prefixes)-1; n /= 1000 {
		i++
	}
	return digits(n) + " " + prefixes[i:i+1] + unit
}

func bytesText(n uint64) string { return scaled(float64(n), "B") }

func rateText(r trace.Rate) string {
	if r == 0 {
		return unknown
	}
	return scaled(float64(r), "bit/s")
}

// durationUnits are those up to the second, the longest first.
var durationUnits = [...]struct {
	of   int64
	name string
}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}}

// duration writes nanoseconds.
func duration(ns int64) string {
	if ns >= 100e9 {
		return time.Duration(ns).Round(time.Second).String()
	}
	for _, unit := range durationUnits {
		if ns >= unit.of {
			return digits(float64(ns)/float64(unit.of)) + " " + unit.name
		}
	}
	return "0 s"
}

// known is a duration that 0 is none of.
func known(ns int64) string {
	if ns == 0 {
		return unknown
	}
	return duration(ns)
}

func instant(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000000 UTC")
}

// grouped writes a number with thin spaces between each three digits.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

func percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share < 0.001:
		return "< 0.1 %"
	}
	return digits(share*100) + " %"
}

func plural(n uint64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}
