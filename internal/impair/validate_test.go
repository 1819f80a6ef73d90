package impair

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestValidateNamesTheParameter(t *testing.T) {
	for name, p := range map[string]Params{
		"rate":           {Rate: 7},
		"overhead":       {Overhead: -1},
		"queue":          {Queue: 100_001},
		"delay":          {Delay: -1},
		"jitter":         {Delay: time.Millisecond, Jitter: 2 * time.Millisecond},
		"loss":           {Loss: 1.01},
		"burst.p":        {Burst: GilbertElliott{P: -0.1}},
		"burst.r":        {Burst: GilbertElliott{R: 2}},
		"burst.lossbad":  {Burst: GilbertElliott{LossBad: math.NaN()}},
		"burst.lossgood": {Burst: GilbertElliott{LossGood: math.Inf(1)}},
		"duplicate":      {Duplicate: -1},
		"reorder":        {Reorder: 0.1},
	} {
		err := p.Validate()
		var bad *ParamError
		if !errors.As(err, &bad) || bad.Name != name {
			t.Errorf("%+v: %v, want it to name %s", p, err, name)
			continue
		}
		t.Log(err)
		if m, err := NewModel(p, 1); err == nil || m != nil {
			t.Errorf("%+v: a model", p)
		}
	}
}

func TestValidateTakesTheLimits(t *testing.T) {
	for _, p := range []Params{
		{},
		{Rate: 8, Overhead: 1000, Queue: 100_000, Delay: time.Hour, Jitter: time.Hour},
		{Rate: 10_000_000_000_000, Loss: 1, Duplicate: 1, Reorder: 1, Delay: 1,
			Burst: GilbertElliott{1, 1, 1, 1}},
	} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// TestTheLongestQueue fills the slowest link with the longest frames: their times
// must not overflow.
func TestTheLongestQueue(t *testing.T) {
	m := newModel(t, Params{Rate: 8, Queue: 100_000, Overhead: 1000, Delay: time.Hour}, 1)
	last := time.Duration(0)
	for range 100_001 {
		at := m.Arrive(0, 65_549).Departures[0].At
		if at < last {
			t.Fatalf("departs %v, after %v", at, last)
		}
		last = at
	}
}
