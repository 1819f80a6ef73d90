package rtnl

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Attributes and values of linux/pkt_sched.h that x/sys does not name.
const (
	tcaNetemReorder   = 3
	tcaNetemLoss      = 5
	tcaNetemRate      = 6
	tcaNetemRate64    = 8
	tcaNetemLatency64 = 10
	tcaNetemJitter64  = 11
	tcaNetemSeed      = 14 // TCA_NETEM_PRNG_SEED, Linux 6.6
	netemLossGE       = 2  // NETEM_LOSS_GE
	netemParmsLength  = 24 // struct tc_netem_qopt
)

const (
	maxNetemDelay  = time.Hour
	maxNetemJitter = time.Duration(math.MaxInt32)
	netemLimit     = 1000 // packets, the default of tc(8)
)

// options is TCA_OPTIONS as tc(8) of iproute2 6.15 writes it, save that reordering
// and rate are always there: without them, the kernel would leave those of an
// earlier netem.
func (n Netem) options() ([]byte, error) {
	if err := n.validate(); err != nil {
		return nil, err
	}
	attributes := netlink.NewAttributeEncoder()
	n.encodeDelay(attributes)
	if n.Burst != (GilbertElliott{}) {
		attributes.Nested(tcaNetemLoss, n.Burst.encode)
	}
	encodeRate(attributes, n.Rate/8)
	if n.Seed != 0 {
		attributes.Uint64(tcaNetemSeed, n.Seed)
	}
	encoded, err := attributes.Encode()
	return append(n.parms(), encoded...), err
}

// parms is struct tc_netem_qopt, but for the delays: it has room for 274 s of
// them, in ticks of 64 ns.
func (n Netem) parms() []byte {
	limit, gap := n.Limit, uint32(0)
	if limit == 0 {
		limit = netemLimit
	}
	if n.Reorder > 0 {
		gap = 1 // Any packet may be reordered, not only each second, third, ...
	}
	return appendUint32(make([]byte, 0, netemParmsLength),
		0, limit, probability(n.Loss), gap, probability(n.Duplicate), 0)
}

func (n Netem) encodeDelay(attributes *netlink.AttributeEncoder) {
	if n.Delay > 0 {
		attributes.Int64(tcaNetemLatency64, int64(n.Delay))
	}
	if n.Jitter > 0 {
		attributes.Int64(tcaNetemJitter64, int64(n.Jitter))
	}
	// struct tc_netem_reorder: the second is a correlation.
	attributes.Bytes(tcaNetemReorder, appendUint32(nil, probability(n.Reorder), 0))
}

// encode writes struct tc_netem_gemodel, which holds h in place of 1-h.
func (g GilbertElliott) encode(attributes *netlink.AttributeEncoder) error {
	attributes.Bytes(netemLossGE, appendUint32(nil,
		probability(g.P), probability(g.R), math.MaxUint32-probability(g.LossBad), probability(g.LossGood)))
	return nil
}

// encodeRate writes a rate in bytes per second: struct tc_netem_rate, and an
// attribute for what its 32 bits do not hold.
func encodeRate(attributes *netlink.AttributeEncoder, rate uint64) {
	if rate > math.MaxUint32 {
		attributes.Uint64(tcaNetemRate64, rate)
	}
	attributes.Bytes(tcaNetemRate, appendUint32(nil, uint32(min(rate, math.MaxUint32)), 0, 0, 0))
}

// probability scales 1 to 2^32-1.
func probability(p float64) uint32 { return uint32(math.RoundToEven(p * math.MaxUint32)) }

// seeds is set once the kernel is known to take seeds. Finding it out costs a
// line in the kernel's log, about the attribute that is too short.
var seeds atomic.Bool

// takesSeed tells whether the kernel's netem takes a seed. Kernels before Linux
// 6.6 would ignore it without a word.
//
// The request is to make a netem the root of lo, with a seed of no length and a
// rate estimator of none. A kernel that knows seeds refuses the first (ERANGE,
// lib/nlattr.c). Any other comes to the second after that and refuses it
// (EINVAL, gen_new_estimator in net/core/gen_estimator.c). Neither is far enough
// in qdisc_create to leave anything.
func (c *Conn) takesSeed() error {
	if seeds.Load() {
		return nil
	}
	err := c.probeQdisc("netem", func(attributes *netlink.AttributeEncoder) {
		attributes.Do(unix.TCA_OPTIONS, func() ([]byte, error) {
			seed, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: tcaNetemSeed}})
			return append(make([]byte, netemParmsLength), seed...), err
		})
		attributes.Bytes(unix.TCA_RATE, nil)
	})
	switch {
	case errors.Is(err, unix.ERANGE):
		seeds.Store(true)
		return nil
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("seed: %w before Linux 6.6: leave it 0", errors.ErrUnsupported)
	}
	return err
}
