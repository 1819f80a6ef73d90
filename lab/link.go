package lab

import (
	"errors"
	"fmt"
	"sync"

	"allroads/internal/impair"
	"allroads/internal/middlebox"
	"allroads/internal/rtnl"
)

// Link is a link of a lab that is up. Its methods may be called from several
// goroutines.
type Link struct {
	Name string

	lab    *Lab
	config *LinkConfig
	number int            // in the topology
	box    *middlebox.Box // nil when nothing is done to the link's packets

	mu     sync.Mutex
	sends  [2]Impairment // of each end, now
	single [2]bool       // each end sends single frames
	medium medium
}

// medium is what lies between the two ends of a link.
type medium interface {
	// impair gives the packets that an end sends an impairment.
	impair(end int, i Impairment) error
	close() error
}

var errNeedsCarrier = errors.New("a plain cable of this lab takes a rate only, " +
	"as the kernel has no netem: give it a delay or a loss in the topology")

// connect joins the hosts: by one cable if that can do all that is asked for, or
// by one from each to the carrier.
func (l *Link) connect() (err error) {
	switch {
	case len(l.config.Middlebox) > 0, !l.lab.netem && l.config.needsEngine():
		l.medium, err = l.carry()
	case !l.lab.netem && l.lab.changeable(l.Name):
		l.medium, err = l.join()
	default:
		l.medium, err = l.cable()
	}
	return err
}

// impairNow makes the link what the topology says.
func (l *Link) impairNow() error {
	for end := range l.config.Ends {
		if err := l.medium.impair(end, l.config.sends(end)); err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
		l.sends[end] = l.config.sends(end)
	}
	return nil
}

// Impairment is what the link does now to the packets that one of its ends, 0 or
// 1, sends.
func (l *Link) Impairment(end int) Impairment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sends[end]
}

// Set gives the link another impairment, in both directions. Where the kernel has
// no netem, a link that began without delay, loss and the like can only be given
// rates, unless Options.Changeable said that there would be more.
func (l *Link) Set(i Impairment) error {
	return errors.Join(l.SetEnd(0, i), l.SetEnd(1, i))
}

// SetEnd gives the packets that one end, 0 or 1, sends another impairment.
func (l *Link) SetEnd(end int, i Impairment) error {
	if err := i.validate(); err != nil {
		return fmt.Errorf("set link %s: %w", l.Name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.medium == nil {
		return fmt.Errorf("set link %s: %w", l.Name, errClosed)
	}
	err := l.medium.impair(end, i)
	if errors.Is(err, errNeedsCarrier) && l.lab.changeable(l.Name) {
		err = l.unjoin(end, i)
	}
	if err != nil {
		return fmt.Errorf("set link %s: %w", l.Name, err)
	}
	l.sends[end] = i
	return nil
}

// Down takes the link's interfaces down, in both hosts.
func (l *Link) Down() error { return l.each((*rtnl.Conn).SetDown) }

// Up brings them up again, and back what the kernel took away when they went down:
// their IPv6 addresses, and the routes over them.
func (l *Link) Up() error {
	if err := l.each((*rtnl.Conn).SetUp); err != nil {
		return err
	}
	for _, end := range l.config.Ends {
		if err := l.lab.restore(end); err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
	}
	return nil
}

func (l *Link) each(do func(c *rtnl.Conn, name string) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.medium == nil {
		return fmt.Errorf("link %s: %w", l.Name, errClosed)
	}
	for end := range l.config.Ends {
		if err := do(l.host(end).route, l.device(end)); err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
	}
	return nil
}

// singleFrames makes the frames that an end sends what they would be on a wire: of
// the MTU at most, each with its checksum.
func (l *Link) singleFrames(end int) error {
	if l.single[end] {
		return nil
	}
	err := impair.DisableOffloads(l.host(end).ns, l.device(end))
	l.single[end] = err == nil
	return err
}

func (l *Link) host(end int) *Host { return l.lab.hosts[l.config.Ends[end].Host] }

func (l *Link) device(end int) string { return l.config.Ends[end].Interface }

func (l *Link) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.medium == nil {
		return nil
	}
	err := l.medium.close()
	l.medium = nil
	return err
}

// engine is what the link's packets pass.
func (l *Link) engine() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.medium.(*carried); ok {
		return "userspace"
	}
	return "kernel"
}
