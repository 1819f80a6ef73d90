package cli

import (
	"fmt"
	"strconv"
	"time"
)

func rates(out, in *float64) []item {
	text := func(rate *float64) string {
		if rate == nil {
			return unknown
		}
		return bits(*rate)
	}
	return []item{{text: "out " + text(out), color: bold}, {text: "in " + text(in), color: bold}}
}

func rtt(d time.Duration) string {
	if d == 0 {
		return unknown
	}
	ms := float64(d) / float64(time.Millisecond)
	return strconv.FormatFloat(ms, 'f', max(3-len(strconv.Itoa(int(ms))), 1), 64) + " ms"
}

func percent(part *float64) string {
	if part == nil {
		return unknown
	}
	return fmt.Sprintf("%.0f %%", 100**part)
}

func orUnknown(text string) string {
	if text == "" {
		return unknown
	}
	return text
}

// bits is a rate of bytes per second, in bits.
func bits(rate float64) string { return scaled(rate*8, "bit/s") }

func bytesText(n uint64) string { return scaled(float64(n), "B") }

// scaled writes a number with a unit's decimal multiple.
func scaled(n float64, unit string) string {
	prefixes := "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%.0f %s", n, unit)
	}
	i := 0
	for n /= 1000; n >= 999.95 && i < len(prefixes)-1; n /= 1000 {
		i++
	}
	return fmt.Sprintf("%.1f %c%s", n, prefixes[i], unit)
}
