package pathmanager

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"

	"allroads/internal/netns"
)

// Features are what this kernel's path manager can do, beyond what all can.
type Features struct {
	// Laminar: the flag of that name is kept (Linux 6.18).
	Laminar bool `json:"laminar"`
	// TokenDump: ConnectionEndpoints lists a connection's own addresses (Linux 6.9).
	TokenDump bool `json:"token_dump"`
	// DenyJoinID0: a host can tell its peers to make no subflows to its initial
	// address, by the sysctl net.mptcp.allow_join_initial_addr_port (Linux 5.14).
	DenyJoinID0 bool `json:"deny_join_id0"`
	// MaxLimit is the highest value of a limit: 8, or 64 from Linux 7.2.
	MaxLimit uint32 `json:"max_limit"`
}

// probed is what was found out; it is the same in all namespaces.
var probed struct {
	sync.Mutex
	features *Features
}

// Features finds out by writing and reading back, in a network namespace that is
// made for it and gone afterwards. That is done once in the life of a program. It
// needs CAP_SYS_ADMIN; without it the error is ErrPermission.
func (c *Conn) Features(ctx context.Context) (Features, error) {
	if err := ctx.Err(); err != nil {
		return Features{}, fmt.Errorf("probe features: %w", err)
	}
	probed.Lock()
	defer probed.Unlock()
	if probed.features == nil {
		features, err := probe(ctx)
		if err != nil {
			return Features{}, fmt.Errorf("probe features: %w", err)
		}
		probed.features = &features
	}
	return *probed.features, nil
}

func probe(ctx context.Context) (Features, error) {
	ns, err := netns.New()
	if errors.Is(err, syscall.EPERM) {
		return Features{}, &Error{Errno: syscall.EPERM, Text: "the network namespace to do it in needs CAP_SYS_ADMIN"}
	}
	if err != nil {
		return Features{}, err
	}
	defer ns.Close()
	conn, err := Dial(ctx, InNetNS(ns.Fd()))
	if err != nil {
		return Features{}, err
	}
	defer conn.Close()
	features, err := conn.probe(ctx)
	features.DenyJoinID0 = ns.SetSysctl("net.mptcp.allow_join_initial_addr_port", "0") == nil
	return features, err
}

// probe changes the namespace that it asks about.
func (c *Conn) probe(ctx context.Context) (features Features, err error) {
	probe := Endpoint{Addr: netip.AddrFrom4([4]byte{192, 0, 2, 1}), ID: 1, Flags: Laminar}
	if err := c.AddEndpoint(ctx, probe); err != nil {
		return features, err
	}
	kept, err := c.Endpoint(ctx, probe.ID)
	if err != nil {
		return features, err
	}
	features.Laminar = kept.Flags&Laminar != 0
	// A kernel that does not look at the token lists the endpoint. No connection
	// has token 0.
	listed, err := c.ConnectionEndpoints(ctx, 0)
	if features.TokenDump = errors.Is(err, ErrNotFound); err != nil && !features.TokenDump {
		return features, err
	}
	features.TokenDump = len(listed) == 0
	features.MaxLimit, err = c.maxLimit(ctx)
	return features, err
}

// maxLimit halves what is left between a limit that is taken and one that is not.
func (c *Conn) maxLimit(ctx context.Context) (uint32, error) {
	taken, refused := uint32(0), uint32(256)
	for refused-taken > 1 {
		middle := (taken + refused) / 2
		err := c.ChangeLimits(ctx, LimitsChange{Subflows: &middle})
		switch {
		case err == nil:
			taken = middle
		case errors.Is(err, ErrTooMany):
			refused = middle
		default:
			return 0, err
		}
	}
	return taken, nil
}
