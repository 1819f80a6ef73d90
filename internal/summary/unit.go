package summary

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"allroads/trace"
)

// Unit is how the value of an expectation is written.
type Unit string

// The units of values; count, bytes, duration and yes/no as in scenarios.
const (
	UnitCount    Unit = "count"    // 2
	UnitBytes    Unit = "bytes"    // a whole number, or with kB, MB or GB: 10MB
	UnitDuration Unit = "duration" // as of time.Duration: 1.5s, 200ms
	UnitRate     Unit = "rate"     // bits per second: 10Mbit/s, or as in labs 10mbit
	UnitPercent  Unit = "percent"  // 5%
	UnitYesNo    Unit = "yes/no"   // only with == and !=
)

// parse reads a value: durations count nanoseconds, rates bits per second, and yes is
// 1.
func (u Unit) parse(text string) (float64, error) {
	switch u {
	case UnitYesNo:
		if text != "yes" && text != "no" {
			return 0, fmt.Errorf("%q is neither yes nor no", text)
		}
		return map[string]float64{"yes": 1}[text], nil
	case UnitBytes:
		return parseBytes(text)
	case UnitDuration:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%q is not a time span, as in 1.5s or 200ms", text)
		}
		return float64(d), nil
	case UnitRate:
		return parseRate(text)
	case UnitPercent:
		number, found := strings.CutSuffix(text, "%")
		value, err := positive(number)
		if !found || err != nil {
			return 0, fmt.Errorf("%q is not a percentage, as in 5%%", text)
		}
		return value, nil
	}
	n, err := strconv.ParseUint(text, 10, 53) // what a float64 holds
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return float64(n), nil
}

var errNumber = errors.New("not a number of 0 or more")

func positive(text string) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= 0) || math.IsInf(value, 1) {
		return 0, errNumber
	}
	return value, nil
}

// multiple is a unit's name, and how many of the smallest it is.
type multiple struct {
	name string
	of   float64
}

var (
	byteMultiples = []multiple{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}, {"", 1}}
	bitMultiples  = []multiple{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}
)

func scan(text string, multiples []multiple) (float64, bool) {
	for _, m := range multiples {
		if number, found := strings.CutSuffix(text, m.name); found {
			value, err := positive(number)
			return value * m.of, err == nil && value*m.of <= math.MaxInt64
		}
	}
	return 0, false
}

func parseBytes(text string) (float64, error) {
	bytes, ok := scan(text, byteMultiples)
	if !ok || bytes != math.Trunc(bytes) {
		return 0, fmt.Errorf("%q is not a number of bytes: a whole number, or one with kB, MB or GB", text)
	}
	return bytes, nil
}

func parseRate(text string) (float64, error) {
	bits, ok := scan(strings.TrimSuffix(strings.ToLower(text), "/s"), bitMultiples)
	if !ok {
		return 0, fmt.Errorf("%q is not a rate: a number with kbit/s, Mbit/s or Gbit/s", text)
	}
	return bits, nil
}

// format writes what was found, for people.
func (u Unit) format(value float64) string {
	switch u {
	case UnitYesNo:
		return yesNo(value != 0)
	case UnitBytes:
		return bytesText(uint64(value))
	case UnitDuration:
		return took(int64(value))
	case UnitRate:
		return rateText(trace.Rate(value))
	case UnitPercent:
		return strconv.FormatFloat(value, 'f', max(3-len(strconv.Itoa(int(value))), 0), 64) + " %"
	}
	return strconv.FormatFloat(value, 'f', 0, 64)
}
