package rtnl

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// TBF is a token bucket filter (tc-tbf(8)), which holds back what an interface
// sends to a rate.
type TBF struct {
	Rate    uint64        // bits per second, 8 to 8*(2^32-1), in steps of 8
	Burst   uint32        // bytes that may go out at once; a packet above it is dropped
	Latency time.Duration // how long a packet may wait before it is dropped
}

// Attributes and values of linux/pkt_sched.h that x/sys does not name.
const (
	tcaTBFParms  = 1
	tcaTBFBurst  = 6
	linkEthernet = 1  // TC_LINKLAYER_ETHERNET: the kernel needs no rate table
	tick         = 64 // nanoseconds in a psched tick (PSCHED_TICKS2NS)
)

// SetTBF makes a token bucket filter the queueing discipline of an interface,
// in place of the one it has.
func (c *Conn) SetTBF(name string, t TBF) error {
	index, err := c.LinkIndex(name)
	if err == nil {
		err = c.setQdisc(index, "tbf", func(attributes *netlink.AttributeEncoder) {
			attributes.Nested(unix.TCA_OPTIONS, t.encode)
		})
	}
	if err != nil {
		return fmt.Errorf("set tbf on %s: %w", name, nl.Kernel(err))
	}
	return nil
}

// encode writes struct tc_tbf_qopt and the burst in bytes, which spares the
// rounding that the buffer's ticks would bring.
func (t TBF) encode(attributes *netlink.AttributeEncoder) error {
	rate := t.Rate / 8
	if rate == 0 || rate > math.MaxUint32 {
		return fmt.Errorf("rate %d bit/s is not between 8 and %d", t.Rate, uint64(math.MaxUint32)*8)
	}
	if t.Burst == 0 || t.Latency < 0 {
		return fmt.Errorf("burst %d bytes, latency %v: neither may be below 0, nor the burst 0", t.Burst, t.Latency)
	}
	limit := float64(rate)*t.Latency.Seconds() + float64(t.Burst)
	buffer := uint64(t.Burst) * uint64(time.Second) / rate / tick
	if limit > math.MaxUint32 || buffer > math.MaxUint32 {
		return fmt.Errorf("latency %v and burst %d bytes make too long a queue", t.Latency, t.Burst)
	}
	b := []byte{0, linkEthernet, 0, 0, 0, 0, 0, 0} // struct tc_ratespec up to its rate
	b = binary.NativeEndian.AppendUint32(b, uint32(rate))
	b = append(b, make([]byte, 12)...) // no peak rate
	b = binary.NativeEndian.AppendUint32(b, uint32(limit))
	b = binary.NativeEndian.AppendUint32(b, uint32(buffer))
	b = binary.NativeEndian.AppendUint32(b, 0)
	attributes.Bytes(tcaTBFParms, b)
	attributes.Uint32(tcaTBFBurst, t.Burst)
	return nil
}
