package lab

import (
	"fmt"
	"strconv"
	"strings"
)

// Percent is a part of a whole in hundredths, 0 to 100. In text it has a percent
// sign: "0.5%".
type Percent float64

// ParsePercent reads a percentage.
func ParsePercent(text string) (Percent, error) {
	number, found := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(value >= 0 && value <= 100) {
		return 0, fmt.Errorf("%q is not a percentage from 0%% to 100%%", text)
	}
	return Percent(value), nil
}

// String gives the percentage as ParsePercent reads it.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// MarshalText writes what String gives.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePercent reads.
func (p *Percent) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePercent(string(text))
	return err
}

func (p Percent) part() float64 { return float64(p) / 100 }
