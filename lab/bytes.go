package lab

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a number of bytes. In text it has a unit or none: "500", "64kB" (64,000),
// "10MB", "1GB".
type Bytes uint64

var byteUnits = []struct {
	name  string
	bytes Bytes
}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"", 1}}

// ParseBytes reads a number of bytes.
func ParseBytes(text string) (Bytes, error) {
	for _, unit := range byteUnits {
		number, found := strings.CutSuffix(text, unit.name)
		value, err := strconv.ParseFloat(number, 64)
		if !found || err != nil {
			continue
		}
		if bytes := value * float64(unit.bytes); bytes >= 0 && bytes <= math.MaxInt64 && bytes == math.Trunc(bytes) {
			return Bytes(bytes), nil
		}
		break
	}
	return 0, fmt.Errorf("%q is not a number of bytes: a whole number, or one with kB, MB or GB", text)
}

// String gives the number in the largest unit that divides it.
func (b Bytes) String() string {
	for _, unit := range byteUnits {
		if b >= unit.bytes && b%unit.bytes == 0 {
			return strconv.FormatUint(uint64(b/unit.bytes), 10) + unit.name
		}
	}
	return "0"
}

// MarshalText writes what String gives.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what ParseBytes reads.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBytes(string(text))
	return err
}
