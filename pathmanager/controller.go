package pathmanager

import (
	"context"
	"iter"
	"net/netip"
)

// Controller is what a Conn does. Programs that take one can be tested without a
// kernel, with pathmanagertest.Fake.
type Controller interface {
	Endpoints(context.Context) ([]Endpoint, error)
	Endpoint(ctx context.Context, id uint8) (Endpoint, error)
	AddEndpoint(context.Context, Endpoint) error
	DeleteEndpoint(ctx context.Context, id uint8, addr netip.Addr) error
	SetFlags(context.Context, Endpoint, Flags) error
	Flush(context.Context) error

	Limits(context.Context) (Limits, error)
	SetLimits(context.Context, Limits) error
	ChangeLimits(context.Context, LimitsChange) error

	ConnectionEndpoints(context.Context, Token) ([]Endpoint, error)
	Announce(context.Context, Token, Endpoint) error
	Withdraw(ctx context.Context, token Token, id uint8) error
	CreateSubflow(ctx context.Context, token Token, local Endpoint, remote netip.AddrPort) error
	DestroySubflow(ctx context.Context, token Token, local, remote netip.AddrPort) error
	SetPriority(ctx context.Context, token Token, local, remote netip.AddrPort, backup bool) error

	Features(context.Context) (Features, error)
	Close() error
}

// EventSource is what a Listener does.
type EventSource interface {
	Events() iter.Seq2[Event, error]
	Close() error
}

var (
	_ Controller  = (*Conn)(nil)
	_ EventSource = (*Listener)(nil)
)
