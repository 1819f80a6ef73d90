package trace

import "strconv"

// Elapsed is how many nanoseconds something took, at least 1; 0, which is null in
// JSON, is not known.
type Elapsed int64

// Rate is a number of bits per second; 0, which is null in JSON, is not known.
type Rate int64

// elapsed is the time between two, when both are known.
func elapsed(from, to int64, known bool) Elapsed {
	if !known {
		return 0
	}
	return Elapsed(max(to-from, 1))
}

// rate is unknown when there is no time to divide by.
func rate(bytes uint64, from, to int64) Rate {
	if from == 0 || to <= from {
		return 0
	}
	return Rate(float64(bytes) * 8e9 / float64(to-from))
}

// MarshalJSON gives null for what is not known.
func (e Elapsed) MarshalJSON() ([]byte, error) { return numberOrNull(int64(e)), nil }

// MarshalJSON gives null for what is not known.
func (r Rate) MarshalJSON() ([]byte, error) { return numberOrNull(int64(r)), nil }

func numberOrNull(n int64) []byte {
	if n == 0 {
		return []byte("null")
	}
	return strconv.AppendInt(nil, n, 10)
}
