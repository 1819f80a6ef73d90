package lab

import (
	"errors"
	"time"

	"allroads/internal/rtnl"
)

// cable is a veth pair from host to host, whose queueing disciplines do what is
// done to packets.
type cable struct{ *Link }

func (l *Link) cable() (medium, error) {
	return cable{l}, l.host(0).route.AddVeth(l.device(0), l.device(1), l.host(1).ns.Fd())
}

func (c cable) close() error { return nil }

func (c cable) impair(end int, i Impairment) error {
	route, device := c.host(end).route, c.device(end)
	if i == (Impairment{}) {
		if c.sends[end] == i {
			return nil
		}
		return route.DelQdisc(device)
	}
	if !i.shapedOnly() && !c.lab.netem {
		return errNeedsCarrier
	}
	if err := c.singleFrames(end); err != nil {
		return err
	}
	if i.shapedOnly() {
		return route.SetTBF(device, rtnl.TBF{Rate: uint64(i.Rate), Burst: rateBurst, Latency: rateLatency})
	}
	err := route.SetNetem(device, i.netem(c.seed(end)))
	if errors.Is(err, errors.ErrUnsupported) {
		// Before Linux 6.6 netem takes no seed: chance is its own.
		err = route.SetNetem(device, i.netem(0))
	}
	return err
}

// A bucket of 16 KiB lets several full frames out at once, which the timers
// need at high rates; a queue of 50 ms is what a home router has on a good day.
// The kernel has 32 bits for the bytes per second, and for the time that the
// bucket takes to fill, in 64 ns.
const (
	rateBurst   = 16 << 10
	rateLatency = 50 * time.Millisecond
	minRate     = Rate(480)
	maxRate     = Rate(8 * (1<<32 - 1))
)
