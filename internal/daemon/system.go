package daemon

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/netip"

	"allroads/internal/rtnl"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// system is what a worker has of the kernel, in one namespace. Tests put something else
// in its place, or between.
type system struct {
	paths    pathmanager.Controller
	events   events
	network  network
	routes   routes
	sockets  sockets
	settings settings
	watch    *routeWatch // nil: none
	listen   func(netip.AddrPort) (io.Closer, error)
}

// events tell what happens to connections (pathmanager.Listener).
type events interface {
	Batches(most int) iter.Seq2[[]pathmanager.Event, error]
	Close() error
}

// network tells what the network looks like (rtnl.Observer).
type network interface {
	Picture() *rtnl.Picture
	Next(context.Context) (lost bool, err error)
	Close() error
}

// routes looks routes up, and changes them (rtnl.Conn).
type routes interface {
	Lookup(to, from netip.Addr, link int) (rtnl.Hop, error)
	AddRoute(rtnl.Route) error
	DeleteRoute(rtnl.Route) error
	AddRule(rtnl.Rule) error
	DeleteRule(rtnl.Rule) error
	Close() error
}

// sockets lists connections (sockdiag.Conn).
type sockets interface {
	Connections(context.Context, sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error]
	Close() error
}

// settings are sysctls (place).
type settings interface {
	sysctl(key string) (string, error)
	setSysctl(key, value string) error
}

// open opens all sockets that a worker has, once, inside the namespace. None of the
// calls that are made later needs the right to enter it.
func (p *place) open(ctx context.Context) (s *system, err error) {
	s = &system{settings: p, listen: p.listenForSubflows}
	err = p.do(func() error { return s.dial(ctx) })
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// dial opens the sockets in the namespace of the calling thread: first those which hear
// of changes, so that none is missed.
func (s *system) dial(ctx context.Context) error {
	events, err := pathmanager.Listen(ctx)
	if err != nil {
		return err
	}
	s.events = events
	observer, err := rtnl.Observe(0)
	if err != nil {
		return err
	}
	s.network = observer
	paths, err := pathmanager.Dial(ctx)
	if err != nil {
		return err
	}
	s.paths = paths
	return s.dialOthers(ctx)
}

func (s *system) dialOthers(ctx context.Context) error {
	routes, err := rtnl.Dial(0)
	if err != nil {
		return err
	}
	s.routes = routes
	sockets, err := sockdiag.Dial(ctx, 0)
	if err != nil {
		return err
	}
	s.sockets = sockets
	s.watch, err = watchRoutes()
	return err
}

func (s *system) close() {
	s.watch.close()
	for _, c := range []io.Closer{s.events, s.network, s.paths, s.routes, s.sockets} {
		if c != nil {
			_ = c.Close()
		}
	}
}

// maxEndpoints is how many endpoints the kernel has room for, which is also its bound of
// limits: 8, or 64 from Linux 7.2. Without the right to try that in a namespace that is made for it,
// the kernel is told a limit that it refuses, and asked what it would take.
func maxEndpoints(ctx context.Context, paths pathmanager.Controller) int {
	if features, err := paths.Features(ctx); err == nil && features.MaxLimit > 0 {
		return int(features.MaxLimit)
	}
	err := paths.SetLimits(ctx, pathmanager.Limits{Subflows: 1 << 30, AddAddrAccepted: 1 << 30})
	var refused *pathmanager.Error
	if errors.As(err, &refused) {
		return boundIn(refused.Text)
	}
	return fewestEndpoints
}
