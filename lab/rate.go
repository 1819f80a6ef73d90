package lab

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is a bit rate in bits per second. In text it is a number and a unit of
// tc(8) in bits: "50mbit", "2.5gbit", "64kbit", "9600bit".
type Rate uint64

var rateUnits = []struct {
	name string
	bits Rate
}{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// ParseRate reads a rate.
func ParseRate(text string) (Rate, error) {
	for _, unit := range rateUnits {
		number, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		value, err := strconv.ParseFloat(number, 64)
		bits := math.Round(value * float64(unit.bits))
		if err != nil || !(bits >= 8) || bits > math.MaxInt64 {
			break
		}
		return Rate(bits), nil
	}
	return 0, fmt.Errorf("rate %q is not a number with gbit, mbit, kbit or bit, 8bit or more", text)
}

// String gives the rate in the largest unit that divides it.
func (r Rate) String() string {
	for _, unit := range rateUnits {
		if r >= unit.bits && r%unit.bits == 0 {
			return strconv.FormatUint(uint64(r/unit.bits), 10) + unit.name
		}
	}
	return "0bit"
}

// MarshalText writes the rate as String does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}
