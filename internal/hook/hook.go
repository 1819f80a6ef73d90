package hook

import (
	"encoding/binary"
	"errors"
	"fmt"

	"allroads/internal/hook/cgroup"

	"github.com/cilium/ebpf"
)

// Hook is what is attached for a cgroup.
type Hook struct {
	cgroup     *cgroup.Cgroup
	collection *ebpf.Collection
	links      attached
	ipv6       bool
	pinned     string // the directory of its files, or ""
}

// Attach converts the sockets that tasks in the cgroup and below make from now on,
// also those of programs that run already. The error wraps ErrNotSupported or
// ErrSwitchedOff where Probe's does.
func Attach(cgroupPath string) (*Hook, error) {
	c, err := cgroup.Open(cgroupPath)
	if err != nil {
		return nil, err
	}
	h, err := attachTo(c)
	if err != nil {
		c.Close()
		return nil, err
	}
	return h, nil
}

func attachTo(c *cgroup.Cgroup) (*Hook, error) {
	if err := askIPv4(); err != nil {
		return nil, err
	}
	if err := askWithin(c); err != nil {
		return nil, err
	}
	h := &Hook{cgroup: c, ipv6: hasIPv6()}
	var err error
	if h.collection, err = load(h.ipv6); err != nil {
		return nil, err
	}
	if err = aim(h.collection, c); err == nil {
		h.links, err = attach(h.collection)
	}
	if err != nil {
		h.collection.Close()
		return nil, err
	}
	return h, nil
}

// Cgroup is what the hook is for.
func (h *Hook) Cgroup() *cgroup.Cgroup { return h.cgroup }

// IPv6 reports whether sockets of AF_INET6 are converted: not where the kernel has
// no MPTCP over IPv6.
func (h *Hook) IPv6() bool { return h.ipv6 }

// Counts are socket(2) calls since the hook was attached.
type Counts struct {
	Seen      uint64 // calls for TCP sockets in the cgroup
	Converted uint64 // of those, made MPTCP; the others are of AF_INET6 where IPv6() is false
	// Missed are calls for any socket, by any task of the host, that passed the hook
	// by, since the kernel had preempted others in it on that processor. Those of them
	// for TCP in the cgroup are TCP, and in no other count.
	Missed uint64
}

// Counts reads the counts.
func (h *Hook) Counts() (Counts, error) {
	var processors [][]byte
	if err := h.collection.Maps[mapCounts].Lookup(uint32(0), &processors); err != nil {
		return Counts{}, fmt.Errorf("read the counts of the hook: %w", err)
	}
	stats, err := h.collection.Programs[copyName(0)].Stats() // the one asked last
	if err != nil {
		return Counts{}, fmt.Errorf("read the counts of the hook: %w", err)
	}
	counts := Counts{Missed: stats.RecursionMisses}
	for _, values := range processors {
		counts.Seen += binary.NativeEndian.Uint64(values[countSeen:])
		counts.Converted += binary.NativeEndian.Uint64(values[countConverted:])
	}
	return counts, nil
}

// Close detaches the hook, unless it is pinned, and gives the cgroup up. When it
// returns, the hook is gone.
func (h *Hook) Close() error {
	h.collection.Close()
	programs := h.links.programs()
	failed := []error{h.links.Close(), h.cgroup.Close()}
	if h.pinned == "" {
		failed = append(failed, awaitDetached(programs))
	}
	return errors.Join(failed...)
}

// Pinned reports whether Pin keeps the hook.
func (h *Hook) Pinned() bool { return h.pinned != "" }
