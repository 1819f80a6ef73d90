package cli

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// seconds is a flag's time that is in seconds where it has no unit, as ncat has
// them.
type seconds struct {
	time.Duration
}

func (s *seconds) Set(text string) error {
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		if !(number >= 0 && number < math.MaxInt64/float64(time.Second)) {
			return errors.New("not a time of 0 or more")
		}
		s.Duration = time.Duration(number * float64(time.Second))
		return nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New(`not a time such as "5", "0.5" or "500ms"`)
	case d < 0:
		return errors.New("not a time of 0 or more")
	}
	s.Duration = d
	return nil
}

// String is empty so that the help does not print a default: the flags' texts do.
func (s *seconds) String() string { return "" }

func (s *seconds) Type() string { return "TIME" }
