package summary

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"allroads/trace"
)

// unknown is what stands for what is not known.
const unknown = "?"

func bytesText(n uint64) string { return scaled(float64(n), "B") }

func rateText(r trace.Rate) string {
	if r == 0 {
		return unknown
	}
	return scaled(float64(r), "bit/s")
}

// scaled writes a number with a unit's decimal multiple.
func scaled(n float64, unit string) string {
	const prefixes = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%.0f %s", n, unit)
	}
	i := 0
	for n /= 1000; n >= 999.95 && i < len(prefixes)-1; n /= 1000 {
		i++
	}
	return fmt.Sprintf("%.1f %c%s", n, prefixes[i], unit)
}

// took is a duration, three digits of it or more: milliseconds below a second, hours
// and minutes above two minutes.
func took(ns int64) string {
	switch {
	case ns >= int64(2*time.Minute):
		return time.Duration(ns).Round(time.Second).String()
	case ns >= int64(time.Second):
		return digits(float64(ns)/1e9) + " s"
	}
	return digits(float64(ns)/1e6) + " ms"
}

func digits(n float64) string {
	if n < 1 {
		return strconv.FormatFloat(n, 'f', 3, 64)
	}
	return strconv.FormatFloat(n, 'f', max(3-len(strconv.Itoa(int(n))), 0), 64)
}

// tookIf is a duration of which 0 is not known.
func tookIf(ns int64) string {
	if ns == 0 {
		return unknown
	}
	return took(ns)
}

// percent is a part of a whole, with a digit behind the point where it is small.
func percent(part, whole uint64) string {
	if whole == 0 {
		return unknown
	}
	share := 100 * float64(part) / float64(whole)
	if part > 0 && share < 9.95 {
		return fmt.Sprintf("%.1f %%", share)
	}
	return fmt.Sprintf("%.0f %%", share)
}

// count is a number with its noun, which has its plural in s.
func count[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

const (
	dayForm  = "2006-01-02 "
	timeForm = "15:04:05.000000"
)

// instant is a time of the capture's clock, in UTC.
func instant(ns int64) string {
	if ns == 0 {
		return unknown
	}
	return time.Unix(0, ns).UTC().Format(dayForm+timeForm) + " UTC"
}

// since is how long after another something was, as an offset with its sign.
func since(from, at int64) string {
	if at == 0 {
		return unknown
	}
	return fmt.Sprintf("%+.6f s", float64(at-from)/1e9)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// printable keeps a name that somebody else chose from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
