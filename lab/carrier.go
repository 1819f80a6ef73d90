package lab

import (
	"errors"
	"fmt"
	"hash/fnv"

	"allroads/internal/impair"
	"allroads/internal/netns"
	"allroads/internal/rtnl"
)

// carrier is a namespace of the lab's own, where the far ends of the links are
// that are carried in userspace, or may come to be.
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
func (l *Link) farName(end int) string { return fmt.Sprintf("link%d%c", l.number, 'a'+rune(end)) }

// reach lays a cable from each host to the carrier.
func (l *Link) reach() error {
	if l.lab.carrier == nil {
		var err error
		if l.lab.carrier, err = newCarrier(); err != nil {
			return err
		}
	}
	far := l.lab.carrier.route
	for end := range l.config.Ends {
		if err := l.host(end).route.AddVeth(l.device(end), l.farName(end), l.lab.carrier.ns.Fd()); err != nil {
			return err
		}
		if l.config.MTU != 0 {
			if err := far.SetMTU(l.farName(end), l.config.MTU); err != nil {
				return err
			}
		}
		if err := far.SetUp(l.farName(end)); err != nil {
			return err
		}
	}
	return nil
}

// carried is a link whose frames are carried in userspace.
type carried struct {
	link *Link
	by   *impair.Link // nil until the hosts' ends are up
}

func (l *Link) carry() (medium, error) { return &carried{link: l}, l.reach() }

// begin begins to carry frames, with the impairments of both ends.
func (c *carried) begin(ab, ba Impairment) (err error) {
	for end := range c.link.config.Ends {
		if err := c.link.singleFrames(end); err != nil {
			return err
		}
	}
	port := func(end int) impair.Port {
		return impair.Port{NS: c.link.lab.carrier.ns, Interface: c.link.farName(end)}
	}
	options := impair.Options{Seed: c.link.seed(0), RingFrames: c.link.lab.ringFrames()}
	if c.link.box != nil {
		options.Inspect = func(d impair.Direction, frame []byte) ([]byte, bool) { return c.link.box.Inspect(int(d), frame) }
	}
	c.by, err = impair.Open(port(0), port(1), ab.params(), ba.params(), options)
	return err
}

func (c *carried) impair(end int, i Impairment) error {
	if c.by == nil {
		return c.begin(c.link.config.sends(0), c.link.config.sends(1))
	}
	return c.by.Set([]impair.Direction{impair.AToB, impair.BToA}[end], i.params())
}

func (c *carried) close() error {
	if c.by == nil {
		return nil
	}
	return c.by.Close()
}

// joined is a link whose two cables are joined in the carrier, by a bridge, until
// there is more to do than the kernel can.
type joined struct{ cable }

func (l *Link) bridgeName() string { return fmt.Sprintf("join%d", l.number) }

func (l *Link) join() (medium, error) {
	if err := l.reach(); err != nil {
		return nil, err
	}
	return joined{cable{l}}, l.bridge()
}

// bridge joins the far ends.
func (l *Link) bridge() error {
	far := l.lab.carrier.route
	if err := far.AddBridge(l.bridgeName()); err != nil {
		return err
	}
	for end := range l.config.Ends {
		if err := far.SetMaster(l.farName(end), l.bridgeName()); err != nil {
			return err
		}
	}
	return far.SetUp(l.bridgeName())
}

// unjoin has a joined link carried from now on, with an impairment of one end. When
// it cannot be carried, it is joined again.
func (l *Link) unjoin(end int, i Impairment) error {
	sends := l.sends
	sends[end] = i
	for end := range l.config.Ends {
		if err := l.medium.impair(end, Impairment{}); err != nil {
			return err
		}
	}
	if err := l.lab.carrier.route.DelLink(l.bridgeName()); err != nil {
		return err
	}
	c := &carried{link: l}
	if err := c.begin(sends[0], sends[1]); err != nil {
		return errors.Join(err, l.bridge())
	}
	l.medium = c
	return nil
}

// ringMemory is how much kernel memory the rings of a lab's links share; a frame
// takes 2 KiB, in each direction.
const (
	ringMemory = 256 << 20
	ringFrame  = 2 << 10
)

func (l *Lab) ringFrames() int {
	return min(max(ringMemory/(ringFrame*2*max(len(l.Topology.Links), 1)), 64), 1024)
}

// seed decides what is left to chance on a link, and differs from link to link.
func (l *Link) seed(end int) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %s %d", l.lab.Topology.Seed, l.Name, end)
	return hash.Sum64()
}
