package pathmanagertest

import (
	"context"
	"fmt"
	"slices"

	"allroads/pathmanager"
)

// SetFlags is as that of Conn.
func (f *Fake) SetFlags(ctx context.Context, e pathmanager.Endpoint, flags pathmanager.Flags) error {
	defer f.mu.Unlock()
	name := fmt.Sprint(e.ID)
	if e.ID == 0 {
		name = e.Addr.String()
	}
	err := f.begin(ctx, "SetFlags")
	if err == nil && e.ID == 0 {
		err = pathmanager.Endpoint{Addr: e.Addr}.Check()
	}
	if err == nil {
		err = f.setFlags(e, flags)
	}
	return wrap(err, "set flags of endpoint %s", name)
}

func (f *Fake) setFlags(e pathmanager.Endpoint, flags pathmanager.Flags) error {
	i := f.at(e.ID)
	if e.ID == 0 {
		i = slices.IndexFunc(f.endpoints, func(o pathmanager.Endpoint) bool {
			return same(o.Addr, e.Addr) && (o.Port == 0 || o.Port == e.Port)
		})
	}
	const settable = pathmanager.Backup | pathmanager.Fullmesh
	switch {
	case i < 0:
		return invalid("address not found")
	case flags&pathmanager.Fullmesh != 0 && f.endpoints[i].Flags&pathmanager.Signal != 0:
		return invalid("invalid addr flags")
	}
	f.endpoints[i].Flags = f.endpoints[i].Flags&^settable | flags&settable
	return nil
}
