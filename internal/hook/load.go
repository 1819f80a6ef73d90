package hook

import (
	"errors"
	"fmt"

	"allroads/internal/hook/cgroup"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"
)

// load loads the programs, for no cgroup as yet: they leave all sockets alone.
func load(ipv6 bool) (*ebpf.Collection, error) {
	// Before Linux 5.11 maps counted against RLIMIT_MEMLOCK; later this does nothing.
	_ = rlimit.RemoveMemlock()
	collection, err := ebpf.NewCollection(specification(ipv6))
	if err != nil {
		return nil, refusal("load bpf program", err)
	}
	return collection, nil
}

// attached are the links of the copies. The one that was attached last is asked
// first.
type attached []link.Link

func attach(collection *ebpf.Collection) (attached, error) {
	var links attached
	for i := range copies {
		l, err := link.AttachTracing(link.TracingOptions{Program: collection.Programs[copyName(i)], AttachType: ebpf.AttachModifyReturn})
		if err != nil {
			return nil, errors.Join(refusal("attach bpf program to "+target, err), links.Close())
		}
		links = append(links, l)
	}
	return links, nil
}

// Close detaches what is not pinned.
func (a attached) Close() error {
	var failed []error
	for _, l := range a {
		if err := l.Close(); err != nil {
			failed = append(failed, fmt.Errorf("detach bpf program from %s: %w", target, err))
		}
	}
	return errors.Join(failed...)
}

// Probe tells whether the hook can be had here, by loading and attaching a program
// that converts nothing. The error wraps ErrNotSupported where this system lacks
// what it takes, ErrSwitchedOff where MPTCP is, and tells the way round.
func Probe() error {
	if _, err := cgroup.Own(); err != nil {
		return fmt.Errorf("%w: %w, %s", ErrNotSupported, err, otherwise)
	}
	if err := askIPv4(); err != nil {
		return err
	}
	collection, err := load(true)
	if err != nil {
		return err
	}
	defer collection.Close()
	links, err := attach(collection)
	if err != nil {
		return err
	}
	return links.Close()
}

// aim gives the programs their cgroup.
func aim(collection *ebpf.Collection, c *cgroup.Cgroup) error {
	if err := collection.Maps[mapCgroup].Put(uint32(0), uint32(c.Fd())); err != nil {
		return fmt.Errorf("give the bpf programs cgroup %s: %w", c.Path(), err)
	}
	return nil
}
