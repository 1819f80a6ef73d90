package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"allroads/internal/config"
	"allroads/internal/steering"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// allLive lists the connections, and what each side of them is, as far as sockets tell.
func (w *worker) allLive(ctx context.Context) (live []steering.Live, err error) {
	var listeners listeners
	kernels := uint64(0)
	for c, err := range w.system.sockets.Connections(ctx, sockdiag.Filter{Listeners: sockdiag.WithListeners}) {
		switch {
		case err != nil:
			return nil, err
		case c.State == mptcp.StateListen:
			listeners.add(c.Local)
		case managed(c):
			live = append(live, w.live(c))
		}
	}
	for i := range live {
		live[i].Side = listeners.side(live[i].Local)
		if w.mode == config.Userspace {
			live[i].Addresses, err = w.addressesOf(ctx, live[i].Token)
			if errors.Is(err, pathmanager.ErrNotUserspace) {
				kernels++
			}
		}
	}
	if kernels > 0 {
		w.log.Warn("conflict", "what", kernelsOwn(kernels))
	}
	return live, nil
}

// managed tells whether a connection can have subflows.
func managed(c *sockdiag.Connection) bool { return c.Info.Token != 0 && !c.Info.Fallback }

// addressesOf are those that a connection uses, nil with an error where the kernel does
// not tell: the connection is the kernel's own, or has ended.
func (w *worker) addressesOf(ctx context.Context, token pathmanager.Token) ([]pathmanager.Endpoint, error) {
	addresses, err := w.system.paths.ConnectionEndpoints(ctx, token)
	if addresses == nil && err == nil {
		addresses = []pathmanager.Endpoint{}
	}
	return addresses, err
}

// kernelsOwn tells of connections that cannot be managed here.
func kernelsOwn(n uint64) string {
	return fmt.Sprintf("%d connections were made under the kernel's path manager, which keeps them as long as they live", n)
}

// live turns a connection as sock_diag has it into what steering takes.
func (w *worker) live(c *sockdiag.Connection) steering.Live {
	l := steering.Live{
		Token: pathmanager.Token(c.Info.Token), Local: c.Local, Remote: c.Remote, V6Socket: c.V6Socket,
		Subflows: make([]steering.LiveSubflow, len(c.Subflows)),
	}
	for i := range c.Subflows {
		l.Subflows[i] = liveSubflow(&c.Subflows[i])
		if w.mode == config.Userspace {
			// What the peer asked for is not this end's to take back.
			l.Subflows[i].Backup = c.Subflows[i].Flags&sockdiag.BackupLocal != 0
		}
	}
	if w.config.AsksOwner() {
		l.UID, l.Cgroup = w.ownerOf(c)
	}
	return l
}

func liveSubflow(s *sockdiag.Subflow) steering.LiveSubflow {
	return steering.LiveSubflow{
		Local: s.Local, Remote: s.Remote, LocalID: s.LocalID, RemoteID: s.RemoteID, Link: int(s.Interface),
		Opening:     s.State == mptcp.StateSynSent || s.State == mptcp.StateSynRecv,
		Established: s.State == mptcp.StateEstablished, Backup: s.Backup(),
		RTT: s.TCP.RTT, Timeouts: s.TCP.Timeouts, Outstanding: s.TCP.Unacked > 0,
		Silent: min(s.TCP.AckReceived, s.TCP.Received),
		Sent:   uint64(s.TCP.SegmentsOut), Again: uint64(s.TCP.Retransmissions),
	}
}

// listeners are the ports that somebody listens on.
type listeners map[netip.AddrPort]bool

func (l *listeners) add(at netip.AddrPort) {
	if *l == nil {
		*l = listeners{}
	}
	(*l)[at] = true
}

// side guesses which end of a connection this host is, since sock_diag does not tell:
// where somebody listens on its port, the one that accepted.
func (l listeners) side(local netip.AddrPort) config.Side {
	for _, addr := range []netip.Addr{local.Addr(), netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if l[netip.AddrPortFrom(addr, local.Port())] {
			return config.Server
		}
	}
	return config.Client
}
