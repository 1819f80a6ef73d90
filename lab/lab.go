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

	options Options
	hosts   map[string]*Host // and routers, and switches
	links   map[string]*Link
	carrier *carrier // nil when no link passes it
	netem   bool     // the kernel delays and loses packets
}

// Host is a host of a lab.
type Host struct {
	Name string

	topology *Topology
	ns       *netns.NS
	route    *rtnl.Conn
	pm       *pathmanager.Conn

	processes []*Process
}

// Options say how a lab is built. The zero value is usable.
type Options struct {
	// Observe, if any, is called after each step.
	Observe func(Step)
	// Changeable makes every link one that can be given delay, loss and the
	// like later, on a kernel without netem too, if there are at most 64. Plain
	// links then pass a bridge, which costs a little time.
	Changeable bool
}

// Up builds a lab. When a step fails or ctx ends, what was built is taken down
// again. When it succeeds, the links are in operation and the processes ready.
//
// The caller needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, which root of
// a user namespace has.
func Up(ctx context.Context, topology *Topology, options Options) (*Lab, error) {
	if err := topology.Validate(); err != nil {
		return nil, fmt.Errorf("build lab: %w", err)
	}
	// What cannot be cleaned up must not keep a new lab from being built.
	_ = Clean()
	lab := &Lab{Topology: topology.completed(), options: options, hosts: map[string]*Host{}, links: map[string]*Link{}}
	if err := lab.build(ctx); err != nil {
		lab.Close()
		return nil, fmt.Errorf("build lab %s: %w", topology.Name, err)
	}
	return lab, nil
}

func (l *Lab) build(ctx context.Context) error {
	if err := l.prepareLinks(); err != nil {
		return err
	}
	if err := l.perform(ctx, l.Topology.steps()); err != nil {
		return err
	}
	if err := l.impairLinks(); err != nil {
		return err
	}
	if err := l.ready(ctx); err != nil {
		return err
	}
	return l.perform(ctx, l.Topology.processSteps())
}

func (l *Lab) perform(ctx context.Context, steps []Step) error {
	for _, step := range steps {
		err := ctx.Err()
		if err == nil {
			err = step.do(ctx, l)
		}
		if err != nil {
			return fmt.Errorf("at `%s`: %w", step.Command, err)
		}
		if l.options.Observe != nil {
			l.options.Observe(step)
		}
	}
	return nil
}

// Host returns the host with a name, nil when the topology has none.
func (l *Lab) Host(name string) *Host { return l.hosts[name] }

// Link returns the link with a name, nil when the topology has none.
func (l *Lab) Link(name string) *Link { return l.links[name] }

// Close ends the lab's processes and takes it down. Sockets that are still open
// in a host keep that host's network namespace until they are closed.
func (l *Lab) Close() error {
	var ending sync.WaitGroup
	for _, host := range l.hosts {
		ending.Go(host.endProcesses)
	}
	ending.Wait()
	errs := []error{l.eachLink((*Link).close)}
	for _, host := range l.hosts {
		errs = append(errs, host.close())
	}
	clear(l.hosts)
	clear(l.links)
	if l.carrier != nil {
		errs = append(errs, l.carrier.close())
		l.carrier = nil
	}
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

// Run runs fn in the host, on a thread of its own that is thrown away
// afterwards. Sockets and processes that fn itself makes are the host's;
// goroutines that it starts are not.
func (h *Host) Run(fn func() error) error { return h.ns.Do(fn) }

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
