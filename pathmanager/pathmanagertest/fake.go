// Package pathmanagertest lets programs that use package pathmanager be tested
// without a kernel.
package pathmanagertest

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"allroads/pathmanager"
)

// Fake behaves as a pathmanager.Conn to the path manager of a namespace that
// nobody else uses, on Linux 6.18: it keeps what it is told, and refuses what the
// kernel refuses, with the same errors. No packets are sent, and no interface has
// to exist. The zero value is a namespace in which nothing was set. Its methods may
// be called from several goroutines.
type Fake struct {
	// Refuse, if any, is asked before each call, by the name of the method. What
	// it returns, if not nil, is the call's error.
	Refuse func(method string) error

	mu          sync.Mutex
	closed      bool
	endpoints   []pathmanager.Endpoint // in the order of ids
	nextID      uint8                  // where the search for a free one begins
	limits      *pathmanager.Limits    // nil: as the kernel starts
	connections map[pathmanager.Token]*connection
}

var _ pathmanager.Controller = (*Fake)(nil)

// What Linux 6.18 allows.
const (
	maxEndpoints = 8
	maxLimit     = 8
)

// begin is what every call begins with; the caller unlocks.
func (f *Fake) begin(ctx context.Context, method string) error {
	f.mu.Lock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.closed {
		return &pathmanager.Error{Errno: syscall.EBADF}
	}
	if f.Refuse != nil {
		return f.Refuse(method)
	}
	return nil
}

// invalid is the number that the kernel gives most refusals.
func invalid(text string) error {
	return &pathmanager.Error{Errno: syscall.EINVAL, Text: text}
}

// Features tells what the Fake does, which is what Linux 6.18 does.
func (f *Fake) Features(ctx context.Context) (pathmanager.Features, error) {
	defer f.mu.Unlock()
	if err := f.begin(ctx, "Features"); err != nil {
		return pathmanager.Features{}, wrap(err, "probe features")
	}
	return pathmanager.Features{Laminar: true, TokenDump: true, DenyJoinID0: true, MaxLimit: maxLimit}, nil
}

// Close makes all later calls fail with EBADF.
func (f *Fake) Close() error {
	defer f.mu.Unlock()
	if err := f.begin(context.Background(), "Close"); err != nil {
		return err
	}
	f.closed = true
	return nil
}

// same compares as the kernel does: IPv4 within IPv6 is IPv4.
func same(a, b netip.Addr) bool { return a.Unmap() == b.Unmap() }

// at finds an endpoint by its id.
func (f *Fake) at(id uint8) int {
	return slices.IndexFunc(f.endpoints, func(e pathmanager.Endpoint) bool { return e.ID == id })
}
