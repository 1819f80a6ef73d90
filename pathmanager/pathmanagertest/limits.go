package pathmanagertest

import (
	"context"
	"fmt"

	"allroads/pathmanager"
)

// current are the limits, first those that Linux starts with.
func (f *Fake) current() pathmanager.Limits {
	if f.limits == nil {
		return pathmanager.Limits{Subflows: 2}
	}
	return *f.limits
}

// Limits is as that of Conn.
func (f *Fake) Limits(ctx context.Context) (pathmanager.Limits, error) {
	defer f.mu.Unlock()
	if err := f.begin(ctx, "Limits"); err != nil {
		return pathmanager.Limits{}, wrap(err, "read limits")
	}
	return f.current(), nil
}

// SetLimits is as that of Conn.
func (f *Fake) SetLimits(ctx context.Context, limits pathmanager.Limits) error {
	change := pathmanager.LimitsChange{Subflows: &limits.Subflows, AddAddrAccepted: &limits.AddAddrAccepted}
	return f.change(ctx, "SetLimits", change)
}

// ChangeLimits is as that of Conn.
func (f *Fake) ChangeLimits(ctx context.Context, change pathmanager.LimitsChange) error {
	return f.change(ctx, "ChangeLimits", change)
}

func (f *Fake) change(ctx context.Context, method string, change pathmanager.LimitsChange) error {
	defer f.mu.Unlock()
	err := f.begin(ctx, method)
	limits := f.current()
	if change.Subflows != nil {
		limits.Subflows = *change.Subflows
	}
	if change.AddAddrAccepted != nil {
		limits.AddAddrAccepted = *change.AddAddrAccepted
	}
	if err == nil && max(limits.Subflows, limits.AddAddrAccepted) > maxLimit {
		err = invalid(fmt.Sprintf("limit greater than maximum (%d)", maxLimit))
	}
	if err != nil {
		return wrap(err, "set limits%s", change)
	}
	f.limits = &limits
	return nil
}
