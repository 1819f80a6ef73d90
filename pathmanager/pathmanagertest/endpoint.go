package pathmanagertest

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"allroads/pathmanager"
)

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// Endpoints is as that of Conn.
func (f *Fake) Endpoints(ctx context.Context) ([]pathmanager.Endpoint, error) {
	defer f.mu.Unlock()
	if err := f.begin(ctx, "Endpoints"); err != nil {
		return nil, wrap(err, "list endpoints")
	}
	return append([]pathmanager.Endpoint{}, f.endpoints...), nil
}

// Endpoint is as that of Conn.
func (f *Fake) Endpoint(ctx context.Context, id uint8) (pathmanager.Endpoint, error) {
	defer f.mu.Unlock()
	err := f.begin(ctx, "Endpoint")
	i := f.at(id)
	if err == nil && i < 0 {
		err = invalid("address not found")
	}
	if err != nil {
		return pathmanager.Endpoint{}, wrap(err, "read endpoint %d", id)
	}
	return f.endpoints[i], nil
}

// AddEndpoint is as that of Conn. Every address is one that can be listened on.
func (f *Fake) AddEndpoint(ctx context.Context, endpoint pathmanager.Endpoint) error {
	defer f.mu.Unlock()
	err := f.begin(ctx, "AddEndpoint")
	if err == nil {
		err = endpoint.Check()
	}
	if err == nil {
		err = refusedFlags(endpoint)
	}
	if err == nil {
		err = f.add(endpoint)
	}
	return wrap(err, "add endpoint %s", endpoint.Addr)
}

const anyFlag = pathmanager.Signal | pathmanager.Subflow | pathmanager.Backup | pathmanager.Fullmesh |
	pathmanager.Implicit | pathmanager.Laminar

func refusedFlags(e pathmanager.Endpoint) error {
	has := func(flag pathmanager.Flags) bool { return e.Flags&flag != 0 }
	switch {
	case e.Port != 0 && (!has(pathmanager.Signal) || has(pathmanager.Subflow)):
		return invalid("flags must have signal and not subflow when using port")
	case has(pathmanager.Signal) && has(pathmanager.Fullmesh):
		return invalid("flags mustn't have both signal and fullmesh")
	case has(pathmanager.Implicit):
		return invalid("can't create IMPLICIT endpoint")
	}
	return nil
}

func (f *Fake) add(e pathmanager.Endpoint) error {
	taken := slices.ContainsFunc(f.endpoints, func(o pathmanager.Endpoint) bool { return same(o.Addr, e.Addr) && o.Port == e.Port })
	if taken && e.Port != 0 {
		return &pathmanager.Error{Errno: syscall.EADDRINUSE, Text: "create listen socket error: -98"}
	}
	if f.nextID == 255 {
		f.nextID = 1
	}
	refused := func(errno syscall.Errno) error {
		return &pathmanager.Error{Errno: errno, Text: fmt.Sprintf("too many addresses or duplicate one: -%d", int(errno))}
	}
	switch {
	case len(f.endpoints) >= maxEndpoints:
		return refused(syscall.ERANGE)
	case e.ID != 0 && f.at(e.ID) >= 0:
		return refused(syscall.EBUSY)
	case taken:
		return refused(syscall.EEXIST)
	}
	if e.ID == 0 {
		e.ID = f.freeID()
	}
	f.nextID = max(f.nextID, e.ID)
	e.Flags &= anyFlag
	f.endpoints = append(f.endpoints, e)
	slices.SortFunc(f.endpoints, func(a, b pathmanager.Endpoint) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// freeID goes up from the highest id that there was, as the kernel does.
func (f *Fake) freeID() uint8 {
	id := max(f.nextID, 1)
	for f.at(id) >= 0 {
		if id++; id == 0 {
			id = 1
		}
	}
	return id
}

// DeleteEndpoint is as that of Conn.
func (f *Fake) DeleteEndpoint(ctx context.Context, id uint8, addr netip.Addr) error {
	defer f.mu.Unlock()
	err := f.begin(ctx, "DeleteEndpoint")
	i := f.at(id)
	switch {
	case err != nil:
	case id == 0:
		err = pathmanager.Endpoint{Addr: addr}.Check()
	case i < 0:
		err = invalid("address not found")
	default:
		f.endpoints = slices.Delete(f.endpoints, i, i+1)
	}
	return wrap(err, "delete endpoint %d", id)
}

// Flush is as that of Conn.
func (f *Fake) Flush(ctx context.Context) error {
	defer f.mu.Unlock()
	if err := f.begin(ctx, "Flush"); err != nil {
		return wrap(err, "flush endpoints")
	}
	f.endpoints, f.nextID = nil, 0
	return nil
}
