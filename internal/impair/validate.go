package impair

import (
	"fmt"
)

// A ParamError names the parameter that Params cannot have.
type ParamError struct {
	Name   string // as in the field's name, in lower case: "rate", "burst.p"
	Value  string // what it was
	Reason string // what it should be
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Name, e.Value, e.Reason)
}

// Validate returns a *ParamError for the first parameter that is out of its
// range or at odds with another.
func (p Params) Validate() error {
	for _, check := range []func() *ParamError{
		p.checkRate, p.checkDelay, p.checkProbabilities, p.checkReorder,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Params) checkRate() *ParamError {
	if p.Rate != 0 && (p.Rate < minRate || p.Rate > maxRate) {
		return &ParamError{"rate", fmt.Sprintf("%d bit/s", p.Rate), "want 0 for no limit, or 8 to 10^13"}
	}
	if p.Overhead < 0 || p.Overhead > maxOverhead {
		return outside("overhead", p.Overhead, maxOverhead)
	}
	if p.Queue < 0 || p.Queue > maxQueue {
		return outside("queue", p.Queue, maxQueue)
	}
	return nil
}

func outside(name string, value, limit int) *ParamError {
	return &ParamError{name, fmt.Sprint(value), fmt.Sprintf("want 0 to %d", limit)}
}

func (p Params) checkDelay() *ParamError {
	if p.Delay < 0 || p.Delay > maxDelay {
		return &ParamError{"delay", p.Delay.String(), fmt.Sprintf("want 0 to %v", maxDelay)}
	}
	if p.Jitter < 0 || p.Jitter > p.Delay {
		return &ParamError{"jitter", p.Jitter.String(), fmt.Sprintf("want 0 to the delay, which is %v", p.Delay)}
	}
	return nil
}

func (p Params) checkProbabilities() *ParamError {
	for _, one := range []struct {
		name  string
		value float64
	}{
		{"loss", p.Loss},
		{"burst.p", p.Burst.P}, {"burst.r", p.Burst.R},
		{"burst.lossbad", p.Burst.LossBad}, {"burst.lossgood", p.Burst.LossGood},
		{"duplicate", p.Duplicate}, {"reorder", p.Reorder},
	} {
		if !(one.value >= 0 && one.value <= 1) { // NaN is neither.
			return &ParamError{one.name, fmt.Sprint(one.value), "want a probability, 0 to 1"}
		}
	}
	return nil
}

func (p Params) checkReorder() *ParamError {
	if p.Reorder > 0 && p.Delay == 0 {
		return &ParamError{"reorder", fmt.Sprint(p.Reorder), "takes a delay to overtake"}
	}
	return nil
}
