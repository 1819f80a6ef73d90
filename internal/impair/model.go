package impair

import "time"

// Model decides what befalls the frames of one direction. It knows no clock: its
// times are virtual, since any beginning. The same seed, parameters and arrivals
// give the same result; and whether the nth frame is lost, duplicated or
// reordered, and its jitter, hang on the seed and the parameters alone.
//
// A Model is for one goroutine.
type Model struct {
	params   Params
	dice     dice
	channel  channel
	wire     wire
	arrival  time.Duration // the latest
	ordered  time.Duration // the latest departure that frames may not overtake
	counters Counters
}

// A Drop is why a frame goes no further.
type Drop uint8

const (
	Passed    Drop = iota // it does
	Lost                  // by Loss or Burst
	QueueFull             // Queue frames wait for the rate already
)

func (d Drop) String() string {
	switch d {
	case Passed:
		return "passed"
	case Lost:
		return "lost"
	default:
		return "queue full"
	}
}

// Fate is what befalls a frame.
type Fate struct {
	Copies     int          // how many of it depart, 0 to 2
	Departures [2]Departure // the first Copies of them
	Drop       Drop         // why there are none
}

// A Departure is when a frame, or its copy, gets to the far end.
type Departure struct {
	At time.Duration
	// Reordered frames are not delayed. They keep order among themselves, as
	// the others do.
	Reordered bool
}

// NewModel returns a model, or a *ParamError.
func NewModel(p Params, seed uint64) (*Model, error) {
	m := new(Model)
	m.dice.seed(seed)
	if err := m.Set(p); err != nil {
		return nil, err
	}
	return m, nil
}

// Set changes the parameters for the frames to come; the fate of those that have
// arrived is sealed, as with netem. As frames keep their order, a shorter delay
// tells when those with the longer one have departed. The error is a *ParamError.
func (m *Model) Set(p Params) error {
	if err := p.Validate(); err != nil {
		return err
	}
	m.params = p
	m.wire.set(p)
	return nil
}

// Arrive takes a frame of a length in bytes and returns its fate. Time does not
// go back: a frame before the latest counts as arriving with it.
func (m *Model) Arrive(at time.Duration, length int) Fate {
	m.arrival = max(m.arrival, at)
	m.counters.In.add(length)
	var t throw
	m.dice.roll(&t)
	if m.loses(&t) {
		m.counters.Lost.add(length)
		return Fate{Drop: Lost}
	}
	fate := Fate{Drop: QueueFull}
	m.pass(&fate, length, t.copies[0])
	if t.duplicate < m.params.Duplicate {
		m.counters.Duplicated.add(length)
		m.pass(&fate, length, t.copies[1])
	}
	return fate
}

func (m *Model) loses(t *throw) bool {
	// The channel turns with each frame, lost by chance or not.
	burst := m.channel.loses(m.params.Burst, t.burstTurn, t.burstLoss)
	return burst || t.loss < m.params.Loss
}

// pass sends one copy of a frame through the queue and the delay.
func (m *Model) pass(fate *Fate, length int, t copyThrow) {
	sent, ok := m.wire.send(m.arrival, length)
	if !ok {
		m.counters.QueueFull.add(length)
		return
	}
	m.counters.Out.add(length)
	fate.Departures[fate.Copies] = m.delay(sent, length, t)
	fate.Copies++
	fate.Drop = Passed
}

func (m *Model) delay(sent time.Duration, length int, t copyThrow) Departure {
	if t.reorder < m.params.Reorder {
		m.counters.Reordered.add(length)
		return Departure{At: sent, Reordered: true}
	}
	// [-Jitter, +Jitter)
	jitter := time.Duration((2*t.jitter - 1) * float64(m.params.Jitter))
	m.ordered = max(m.ordered, sent+m.params.Delay+jitter)
	return Departure{At: m.ordered}
}

// Counters returns what has been counted so far.
func (m *Model) Counters() Counters { return m.counters }
