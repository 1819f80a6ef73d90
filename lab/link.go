package lab

import (
	"errors"
	"fmt"

	"allroads/internal/impair"
	"allroads/internal/netns"
	"allroads/internal/rtnl"
)

// Link is a link of a lab that is up.
type Link struct {
	Name string

	lab     *Lab
	config  *LinkConfig
	carried *impair.Link // nil when the kernel's cable does it all
}

// carrier is a namespace of the lab's own, where the far ends of the links are
// that are carried in userspace.
type carrier struct {
	ns    *netns.NS
	route *rtnl.Conn
}

func newCarrier() (*carrier, error) {
	ns, err := netns.New()
	if err != nil {
		return nil, err
	}
	c := &carrier{ns: ns}
	err = ns.Do(func() (err error) {
		// What passes through here must find no host.
		if err := ns.SetSysctl("net.ipv6.conf.default.disable_ipv6", "1"); err != nil {
			return err
		}
		c.route, err = rtnl.Dial(0)
		return err
	})
	if err != nil {
		ns.Close()
		return nil, err
	}
	return c, nil
}

func (c *carrier) close() error {
	return errors.Join(c.route.Close(), c.ns.Close())
}

// farName is what the far end of a link's end is called in the carrier.
func (l *Link) farName(end int) string {
	for i := range l.lab.Topology.Links {
		if &l.lab.Topology.Links[i] == l.config {
			return fmt.Sprintf("link%d%c", i, 'a'+rune(end))
		}
	}
	return ""
}

// connect joins the hosts: by one cable, or by one from each host to the
// carrier.
func (l *Link) connect() error {
	ends := l.config.Ends
	a, b := l.lab.hosts[ends[0].Host], l.lab.hosts[ends[1].Host]
	if !l.config.carried() {
		return a.route.AddVeth(ends[0].Interface, ends[1].Interface, b.ns.Fd())
	}
	if l.lab.carrier == nil {
		var err error
		if l.lab.carrier, err = newCarrier(); err != nil {
			return err
		}
	}
	for i, host := range []*Host{a, b} {
		if err := host.route.AddVeth(ends[i].Interface, l.farName(i), l.lab.carrier.ns.Fd()); err != nil {
			return err
		}
		if err := l.lab.carrier.route.SetUp(l.farName(i)); err != nil {
			return err
		}
		// Frames have to be as on a wire: of the MTU at most, with checksums.
		if err := impair.DisableOffloads(host.ns, ends[i].Interface); err != nil {
			return err
		}
	}
	return nil
}

// carry begins to carry the link's frames.
func (l *Link) carry() (err error) {
	port := func(end int) impair.Port {
		return impair.Port{NS: l.lab.carrier.ns, Interface: l.farName(end)}
	}
	l.carried, err = impair.Open(port(0), port(1), l.config.sends(0).params(), l.config.sends(1).params(),
		impair.Options{Seed: l.lab.Topology.Seed})
	return err
}

// Set gives the link another impairment, in both directions. A link that began
// without delay, loss and the like can only be given rates.
func (l *Link) Set(i Impairment) error {
	if len(l.lab.hosts) == 0 {
		return fmt.Errorf("set link %s: %w", l.Name, errClosed)
	}
	if err := i.params().Validate(); err != nil {
		return fmt.Errorf("set link %s: %w", l.Name, err)
	}
	if l.carried == nil {
		return l.shape(i)
	}
	for _, d := range []impair.Direction{impair.AToB, impair.BToA} {
		if err := l.carried.Set(d, i.params()); err != nil {
			return fmt.Errorf("set link %s: %w", l.Name, err)
		}
	}
	return nil
}

func (l *Link) shape(i Impairment) error {
	if !i.shapedOnly() || i.Rate == 0 {
		return fmt.Errorf("set link %s: a plain cable takes a rate only: give it a delay in the topology", l.Name)
	}
	for _, end := range l.config.Ends {
		if err := l.lab.hosts[end.Host].setRate(end.Interface, i.Rate); err != nil {
			return err
		}
	}
	return nil
}

// Down takes the link's interfaces down, in both hosts.
func (l *Link) Down() error { return l.each((*rtnl.Conn).SetDown) }

// Up brings them up again. The kernel brings back the routes to their prefixes.
func (l *Link) Up() error { return l.each((*rtnl.Conn).SetUp) }

func (l *Link) each(do func(c *rtnl.Conn, name string) error) error {
	if len(l.lab.hosts) == 0 {
		return fmt.Errorf("link %s: %w", l.Name, errClosed)
	}
	for _, end := range l.config.Ends {
		if err := do(l.lab.hosts[end.Host].route, end.Interface); err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
	}
	return nil
}
