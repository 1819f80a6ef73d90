package impair

import (
	"math"
	"testing"
	"time"
)

const trials = 100_000

// checkShare holds a count of trials to the 99 % interval of the binomial
// distribution.
func checkShare(t *testing.T, what string, count int, probability float64) {
	t.Helper()
	mean := trials * probability
	margin := 2.576 * math.Sqrt(trials*probability*(1-probability))
	if off := float64(count) - mean; math.Abs(off) > margin {
		t.Errorf("%s: %d of %d, want %.0f ± %.0f", what, count, trials, mean, margin)
	}
}

func TestLossWithinTheBinomialInterval(t *testing.T) {
	for seed, p := range []float64{0.001, 0.01, 0.1, 0.5, 0.99} {
		m := newModel(t, Params{Loss: p}, uint64(seed))
		for range trials {
			m.Arrive(0, 100)
		}
		checkShare(t, "lost", int(m.Counters().Lost.Frames), p)
	}
}

func TestDuplicatesAndReorderedWithinTheBinomialInterval(t *testing.T) {
	m := newModel(t, Params{Duplicate: 0.03, Delay: time.Millisecond}, 1)
	other := newModel(t, Params{Reorder: 0.2, Delay: time.Millisecond}, 1)
	for range trials {
		m.Arrive(0, 100)
		other.Arrive(0, 100)
	}
	checkShare(t, "duplicated", int(m.Counters().Duplicated.Frames), 0.03)
	checkShare(t, "reordered", int(other.Counters().Reordered.Frames), 0.2)
}

func TestAllAndNothing(t *testing.T) {
	all := newModel(t, Params{Loss: 1}, 1)
	none := newModel(t, Params{}, 1)
	for range trials {
		all.Arrive(0, 100)
		none.Arrive(0, 100)
	}
	if all.Counters().Out.Frames != 0 || none.Counters().Out.Frames != trials {
		t.Errorf("%+v, %+v", all.Counters(), none.Counters())
	}
}

// TestBurstsOfLoss holds the mean length of bursts, and of what is between them,
// to the model's geometric distributions, within 2.6 standard errors.
func TestBurstsOfLoss(t *testing.T) {
	g := GilbertElliott{P: 0.01, R: 0.25, LossBad: 1}
	m := newModel(t, Params{Burst: g}, 3)
	bursts, lost := 0, 0
	before := Passed
	for range trials {
		fate := m.Arrive(0, 100)
		if fate.Drop == Lost {
			lost++
			if before != Lost {
				bursts++
			}
		}
		before = fate.Drop
	}
	checkMean(t, "burst", float64(lost)/float64(bursts), g.R, bursts)
	checkMean(t, "gap", float64(trials-lost)/float64(bursts), g.P, bursts)
}

// checkMean compares a mean of samples with that of a geometric distribution.
func checkMean(t *testing.T, what string, mean, p float64, samples int) {
	t.Helper()
	margin := 2.6 * math.Sqrt(1-p) / p / math.Sqrt(float64(samples))
	t.Logf("%s: mean of %d is %.3f, want %.3f ± %.3f", what, samples, mean, 1/p, margin)
	if math.Abs(mean-1/p) > margin {
		t.Errorf("mean %s is %.3f, want %.3f ± %.3f", what, mean, 1/p, margin)
	}
}

// TestLossInBothStates holds the loss of each state.
func TestLossInBothStates(t *testing.T) {
	// The state changes at each frame: bad is every second.
	m := newModel(t, Params{Burst: GilbertElliott{P: 1, R: 1, LossBad: 0.6, LossGood: 0.1}}, 1)
	var lost [2]int
	for n := range 2 * trials {
		if m.Arrive(0, 100).Drop == Lost {
			lost[n%2]++
		}
	}
	checkShare(t, "lost while good", lost[0], 0.1)
	checkShare(t, "lost while bad", lost[1], 0.6)
}

// TestDelayIsUniform sends frames so far apart that none waits for another.
func TestDelayIsUniform(t *testing.T) {
	p := Params{Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond}
	m := newModel(t, p, 1)
	var sum float64
	var below int // the first fifth of the range
	low, high := time.Hour, time.Duration(0)
	for n := range trials {
		at := time.Duration(n) * time.Second
		d := m.Arrive(at, 100).Departures[0].At - at
		low, high = min(low, d), max(high, d)
		sum += d.Seconds()
		if d < p.Delay-p.Jitter+2*p.Jitter/5 {
			below++
		}
	}
	margin := 2.576 * p.Jitter.Seconds() / math.Sqrt(3*trials)
	if mean := sum / trials; math.Abs(mean-p.Delay.Seconds()) > margin {
		t.Errorf("mean delay %.6f s, want %v ± %.6f s", mean, p.Delay, margin)
	}
	checkShare(t, "in the first fifth", below, 0.2)
	slack := p.Jitter / 1000
	if low < 15*time.Millisecond || low > 15*time.Millisecond+slack ||
		high > 25*time.Millisecond || high < 25*time.Millisecond-slack {
		t.Errorf("delays from %v to %v", low, high)
	}
}
