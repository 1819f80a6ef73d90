package rtnl

import (
	"errors"
	"fmt"
	"time"

	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Netem is what the network emulator (tc-netem(8), sch_netem.c of the kernel)
// does to the packets that an interface sends. The zero value does nothing.
type Netem struct {
	// Delay is added to each packet, up to an hour.
	Delay time.Duration
	// Jitter makes the delay vary from Delay-Jitter to Delay+Jitter, with a
	// uniform distribution, and packets overtake each other where there is no
	// Rate. It is at most Delay and 2^31-1 ns, to which the kernel would cut it.
	Jitter time.Duration

	// Loss is the part of the packets lost, each by chance of its own, 0 to 1.
	Loss float64
	// Burst loses packets in bursts. The kernel does either this or Loss.
	Burst GilbertElliott
	// Duplicate is the part of the packets sent twice, 0 to 1.
	Duplicate float64
	// Reorder is the part of the packets sent at once, 0 to 1, so that they
	// overtake those delayed. It takes a Delay.
	Reorder float64

	// Rate is in bits per second, from 8 in steps of 8; 0 sets no limit.
	Rate uint64
	// Limit is how many packets may be held; what comes then is dropped. 0 is
	// 1000, as with tc(8).
	Limit uint32
	// Seed makes the kernel (Linux 6.6) throw the same dice again; 0 leaves the
	// seed to it, or to an earlier SetNetem.
	Seed uint64
}

// GilbertElliott is a channel that is good or bad, and changes with a
// probability at each packet: "loss gemodel p r 1-h 1-k" of tc-netem(8). Each
// is from 0 to 1, and has to be given: where tc takes 1-h to be 1, LossBad of 0
// loses nothing.
type GilbertElliott struct {
	P        float64 // the probability to turn from good to bad
	R        float64 // the probability to turn from bad to good
	LossBad  float64 // the part of the packets lost while bad: 1-h
	LossGood float64 // the part of the packets lost while good: 1-k
}

// SetNetem makes a network emulator the queueing discipline of an interface, in
// place of the one it has. If that is one already, packets that it delays stay
// in it, and what only others can set stays as well: correlation, corruption,
// slots and a distribution of the delay; DelQdisc first clears those.
//
// A Seed before Linux 6.6 is refused with errors.ErrUnsupported, and nothing is
// set. Where the kernel has no netem, see HasQdisc, the error is ENOENT.
func (c *Conn) SetNetem(name string, n Netem) error {
	options, err := n.options()
	if err == nil {
		err = c.setNetem(name, n.Seed != 0, options)
	}
	if errors.Is(err, unix.ENOENT) {
		err = fmt.Errorf("%w: load the kernel module sch_netem", nl.Kernel(err))
	}
	if err != nil {
		return fmt.Errorf("set netem on %s: %w", name, nl.Kernel(err))
	}
	return nil
}

func (c *Conn) setNetem(name string, seeded bool, options []byte) error {
	index, err := c.LinkIndex(name)
	if err == nil && seeded {
		err = c.takesSeed()
	}
	if err != nil {
		return err
	}
	return c.setQdisc(index, "netem", func(attributes *netlink.AttributeEncoder) {
		attributes.Bytes(unix.TCA_OPTIONS, options)
	})
}

func (n Netem) validate() error {
	switch {
	case n.Delay < 0 || n.Delay > maxNetemDelay:
		return fmt.Errorf("delay %v is not between 0 and %v", n.Delay, maxNetemDelay)
	case n.Jitter < 0 || n.Jitter > min(n.Delay, maxNetemJitter):
		return fmt.Errorf("jitter %v is not between 0 and %v", n.Jitter, min(n.Delay, maxNetemJitter))
	case n.Rate > 0 && n.Rate < 8:
		return fmt.Errorf("rate %d bit/s is neither 0, for no limit, nor 8 or more", n.Rate)
	case n.Loss > 0 && n.Burst != GilbertElliott{}:
		return errors.New("loss and burst: netem does either, not both")
	case n.Reorder > 0 && n.Delay == 0:
		return errors.New("reorder without a delay: there is nothing to overtake")
	}
	return n.validateParts()
}

func (n Netem) validateParts() error {
	for _, part := range []struct {
		name  string
		value float64
	}{
		{"loss", n.Loss}, {"duplicate", n.Duplicate}, {"reorder", n.Reorder},
		{"burst p", n.Burst.P}, {"burst r", n.Burst.R},
		{"burst loss while bad", n.Burst.LossBad}, {"burst loss while good", n.Burst.LossGood},
	} {
		if !(part.value >= 0 && part.value <= 1) { // NaN is neither.
			return fmt.Errorf("%s %v is not between 0 and 1", part.name, part.value)
		}
	}
	return nil
}
