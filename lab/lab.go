package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"allroads/internal/netns"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// Lab is a topology that is up. Close takes it down; so does the end of the
// process, however it ends, because nothing but open files keeps a lab alive.
type Lab struct {
	Topology *Topology

	hosts   map[string]*Host
	links   map[string]*Link
	carrier *carrier // nil when no link is carried in userspace
}

// Host is a host of a lab.
type Host struct {
	Name string

	topology *Topology
	ns       *netns.NS
	route    *rtnl.Conn
	pm       *pathmanager.Conn
}

// Up builds a lab. It calls observe, which may be nil, after each step. When a
// step fails or ctx ends, what was built is taken down again. When it succeeds,
// the links are in operation.
//
// The caller needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, which root of
// a user namespace has.
func Up(ctx context.Context, topology *Topology, observe func(Step)) (*Lab, error) {
	if err := topology.Validate(); err != nil {
		return nil, fmt.Errorf("build lab: %w", err)
	}
	// What cannot be cleaned up must not keep a new lab from being built.
	_ = Clean()
	lab := &Lab{Topology: topology, hosts: map[string]*Host{}, links: map[string]*Link{}}
	for i := range topology.Links {
		config := &topology.Links[i]
		lab.links[config.Name] = &Link{Name: config.Name, lab: lab, config: config}
	}
	err := lab.build(ctx, observe)
	if err == nil {
		err = lab.ready(ctx)
	}
	if err != nil {
		lab.Close()
		return nil, fmt.Errorf("build lab %s: %w", topology.Name, err)
	}
	return lab, nil
}

func (l *Lab) build(ctx context.Context, observe func(Step)) error {
	for _, step := range l.Topology.steps() {
		err := ctx.Err()
		if err == nil {
			err = step.do(l)
		}
		if err != nil {
			return fmt.Errorf("at `%s`: %w", step.Command, err)
		}
		if observe != nil {
			observe(step)
		}
	}
	return nil
}

// Host returns the host with a name, nil when the topology has none.
func (l *Lab) Host(name string) *Host { return l.hosts[name] }

// Link returns the link with a name, nil when the topology has none.
func (l *Lab) Link(name string) *Link { return l.links[name] }

// Close takes the lab down. Sockets that are still open in a host keep that
// host's network namespace until they are closed.
func (l *Lab) Close() error {
	errs := []error{l.closeLinks()}
	for _, host := range l.hosts {
		errs = append(errs, host.close())
	}
	clear(l.hosts)
	if l.carrier != nil {
		errs = append(errs, l.carrier.close())
		l.carrier = nil
	}
	return errors.Join(errs...)
}

// closeLinks stops the links all together, since each has to wait for the
// kernel.
func (l *Lab) closeLinks() error {
	var closing sync.WaitGroup
	errs := make([]error, len(l.links))
	at := 0
	for _, link := range l.links {
		if link.carried != nil {
			mine := &errs[at]
			closing.Go(func() { *mine = link.carried.Close() })
		}
		at++
	}
	closing.Wait()
	clear(l.links)
	return errors.Join(errs...)
}

func (h *Host) close() error {
	var errs []error
	if h.pm != nil {
		errs = append(errs, h.pm.Close())
	}
	if h.route != nil {
		errs = append(errs, h.route.Close())
	}
	return errors.Join(append(errs, h.ns.Close())...)
}

// Do runs fn in the host, on a thread of its own that is thrown away
// afterwards. Sockets and processes that fn itself makes are the host's;
// goroutines that it starts are not.
func (h *Host) Do(fn func() error) error { return h.ns.Do(fn) }

func (l *Lab) addHost(name string) error {
	ns, err := netns.New()
	if err != nil {
		return err
	}
	host := &Host{Name: name, topology: l.Topology, ns: ns}
	l.hosts[name] = host // From here on Close cleans up after an error.
	// Opened from inside, so that no thread has to find back to a namespace that
	// it may not enter: that of a user namespace's owner.
	return ns.Do(func() (err error) {
		if host.route, err = rtnl.Dial(0); err != nil {
			return err
		}
		host.pm, err = pathmanager.Dial(context.Background())
		return err
	})
}

func (l *Lab) addEndpoint(host string, config EndpointConfig) error {
	h := l.hosts[host]
	endpoint := pathmanager.Endpoint{Addr: config.Address, ID: config.ID, Port: config.Port}
	var err error
	if endpoint.Flags, err = config.flags(); err != nil {
		return err
	}
	if config.Dev != "" {
		if endpoint.IfIndex, err = h.route.LinkIndex(config.Dev); err != nil {
			return err
		}
	}
	return h.pm.AddEndpoint(endpoint)
}
