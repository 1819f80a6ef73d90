package daemon

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/internal/steering"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// userPaths manages each connection by itself: steering decides, and this carries out.
type userPaths struct {
	w         *worker
	state     *steering.State
	lookups   lookups
	listeners map[netip.AddrPort]io.Closer
	measured  time.Time     // last
	took      time.Duration // of a processor, to measure then
	measure   time.Time     // next; zero: nothing is measured
	moved     bool          // something happened since it was last asked what to measure
	queue     []steering.Command
	decided   []decision
}

func newUserPaths(w *worker) *userPaths {
	u := &userPaths{w: w, state: steering.New(w.config), lookups: lookups{}, listeners: map[netip.AddrPort]io.Closer{}}
	if w.system.watch != nil {
		if err := w.system.watch.set(true); err != nil {
			w.log.Warn("routes that are not default ones are not watched", "error", err)
		}
	}
	return u
}

// step tells steering what happened and carries out what it decides; what comes of that
// is told in turn.
func (u *userPaths) step(now time.Time, in steering.Input) {
	u.queue = append(u.queue[:0], u.state.Step(now, in)...)
	u.moved = true
	for i := 0; i < len(u.queue); i++ {
		command := u.queue[i]
		err := u.do(command)
		u.decided = append(u.decided, decision{command, err})
		u.queue = append(u.queue, u.state.Step(time.Now(), steering.Done{Command: command, Err: err})...)
	}
	if len(u.decided) > decidedKept {
		u.tell()
	}
}

// decidedKept bounds the decisions that are not told of yet.
const decidedKept = 256

// do carries out a command. The context never ends: the kernel cannot be interrupted.
func (u *userPaths) do(c steering.Command) error {
	ctx, paths := context.Background(), u.w.system.paths
	switch c.Action {
	case steering.Create:
		if err := u.lookups.route(u.w.system.routes, c); err != nil {
			return err
		}
		return paths.CreateSubflow(ctx, c.Token, c.Local, c.To)
	case steering.Destroy:
		return paths.DestroySubflow(ctx, c.Token, c.From, c.To)
	case steering.Withdraw:
		return paths.Withdraw(ctx, c.Token, c.Local.ID)
	case steering.Announce:
		return paths.Announce(ctx, c.Token, c.Local)
	case steering.SetPriority:
		return paths.SetPriority(ctx, c.Token, c.From, c.To, c.Backup)
	case steering.Listen:
		return u.listenAt(c.From)
	case steering.Unlisten:
		return u.unlisten(c.From)
	}
	return fmt.Errorf("%s: not known", c.Action)
}

func (u *userPaths) heard(now time.Time, events []pathmanager.Event) {
	for i := range events {
		u.step(now, steering.Event{Event: events[i]})
	}
	u.tell()
	u.askOwners(now)
}

// network tells which addresses may be used now. Ids are those of the kernel's endpoints.
func (u *userPaths) network(now time.Time) {
	clear(u.lookups)
	u.step(now, steering.Network{Locals: u.w.locals()})
	u.tell()
}

// routes: what waits for a route may have it now, and what was found may be gone.
func (u *userPaths) routes(now time.Time) {
	missing := u.lookups.missing()
	clear(u.lookups)
	if missing {
		u.step(now, steering.Network{Locals: u.w.locals()})
		u.tell()
	}
}

// locals are the addresses that are ready.
func (w *worker) locals() (locals []steering.Local) {
	w.ids.Alive(w.alive()...)
	for _, a := range w.addresses {
		if a.State != policy.Ready || a.Settings.Role == config.Never {
			continue
		}
		addr := a.Address.Addr().Unmap()
		locals = append(locals, steering.Local{
			Addr: addr, Link: a.Link.Index, Interface: a.Link.Name, ID: w.ids.Of(addr), Settings: a.Settings, Rule: a.Rule,
		})
	}
	return locals
}

func (w *worker) alive() (addrs []netip.Addr) {
	for _, a := range w.addresses {
		addrs = append(addrs, a.Address.Addr())
	}
	return addrs
}

func (u *userPaths) found(now, began time.Time, live []steering.Live) {
	u.step(now, steering.Found{Began: began, Connections: live})
	u.tell()
	u.askOwners(now)
}

func (u *userPaths) configured(now time.Time) {
	u.step(now, steering.Configured{Config: u.w.config})
	u.tell()
	u.askOwners(now)
}

// askOwners finds out whose connections are, where a rule asks for that.
func (u *userPaths) askOwners(now time.Time) {
	if !u.w.config.AsksOwner() {
		return
	}
	u.look(u.state.Owners(), func(c *sockdiag.Connection) {
		uid, cgroup := u.w.ownerOf(c)
		u.step(now, steering.Owner{Token: pathmanager.Token(c.Info.Token), UID: uid, Cgroup: cgroup})
	})
	u.tell()
}

// few are so many connections that each is asked for by itself: the kernel goes through
// all of them for each question.
const few = 8

// look asks sock_diag for connections, and calls fn with each that is alive.
func (u *userPaths) look(tokens []pathmanager.Token, fn func(*sockdiag.Connection)) {
	ctx, filters := context.Background(), []sockdiag.Filter{{}}
	wanted := map[pathmanager.Token]bool{}
	for _, token := range tokens {
		wanted[token] = true
	}
	if len(tokens) <= few {
		filters = filters[:0]
		for _, token := range tokens {
			filters = append(filters, sockdiag.Filter{Token: new(uint32(token))})
		}
	}
	for _, filter := range filters {
		for c, err := range u.w.system.sockets.Connections(ctx, filter) {
			if err != nil {
				u.w.log.Debug("list connections", "error", err)
				return
			}
			if managed(c) && wanted[pathmanager.Token(c.Info.Token)] {
				fn(c)
			}
		}
	}
}

func (u *userPaths) stop(time.Time) {
	if u.w.system.watch != nil {
		_ = u.w.system.watch.set(false)
	}
	for at, listener := range u.listeners {
		listener.Close()
		delete(u.listeners, at)
	}
}
