package pathmanager_test

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
)

var kinds = map[string]error{
	"exists": pathmanager.ErrExists, "not found": pathmanager.ErrNotFound, "too many": pathmanager.ErrTooMany,
	"permission": pathmanager.ErrPermission, "not supported": pathmanager.ErrNotSupported,
	"not userspace": pathmanager.ErrNotUserspace,
}

// refused checks that an error is of one kind and no other, with the number and
// the text of the kernel.
func refused(t testing.TB, err error, kind string, errno syscall.Errno, text string) {
	t.Helper()
	for name, sentinel := range kinds {
		if errors.Is(err, sentinel) != (name == kind) {
			t.Errorf("errors.Is(%v, %s) is %v", err, name, name != kind)
		}
	}
	var refusal *pathmanager.Error
	var number syscall.Errno
	if !errors.As(err, &refusal) || !errors.As(err, &number) || number != errno || refusal.Errno != errno || refusal.Text != text {
		t.Errorf("%v is %+v, want %v and %q", err, refusal, errno, text)
	}
}

func TestErrors(t *testing.T) {
	ns, conn := dial(t)
	ctx := t.Context()
	a := netip.MustParseAddr
	must(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.1"), ID: 7}))
	refused(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.1")}),
		"exists", syscall.EEXIST, "too many addresses or duplicate one: -17")
	refused(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.2"), ID: 7}),
		"exists", syscall.EBUSY, "too many addresses or duplicate one: -16")
	refused(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.3"), Flags: pathmanager.Implicit}),
		"", syscall.EINVAL, "can't create IMPLICIT endpoint")
	refused(t, conn.SetLimits(ctx, pathmanager.Limits{Subflows: 9}), "too many", syscall.EINVAL, "limit greater than maximum (8)")
	_, err := conn.Endpoint(ctx, 8)
	refused(t, err, "not found", syscall.EINVAL, "address not found")
	refused(t, conn.DeleteEndpoint(ctx, 8, netip.Addr{}), "not found", syscall.EINVAL, "address not found")
	refused(t, conn.SetFlags(ctx, pathmanager.Endpoint{Addr: a("10.0.0.8")}, pathmanager.Backup),
		"not found", syscall.EINVAL, "address not found")
	for i := range byte(7) {
		must(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 1, 0, i})}))
	}
	refused(t, conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.9")}),
		"too many", syscall.ERANGE, "too many addresses or duplicate one: -34")
	must(t, ns.Do(func() error {
		err := dropNetAdmin()
		refused(t, conn.Flush(context.Background()), "permission", syscall.EPERM, "")
		return err
	}))
}

func TestErrorsOfConnections(t *testing.T) {
	_, conn := dial(t)
	ctx := t.Context()
	endpoint := pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.2"), ID: 2}
	there := netip.MustParseAddrPort("10.0.0.9:80")
	_, listErr := conn.ConnectionEndpoints(ctx, 1)
	for name, err := range map[string]error{
		"ConnectionEndpoints": listErr,
		"Announce":            conn.Announce(ctx, 1, endpoint),
		"Withdraw":            conn.Withdraw(ctx, 1, 2),
		"CreateSubflow":       conn.CreateSubflow(ctx, 1, endpoint, there),
		"DestroySubflow":      conn.DestroySubflow(ctx, 1, there, there),
		"SetPriority":         conn.SetPriority(ctx, 1, there, there, true),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, "not found", syscall.EINVAL, "invalid token") })
	}
	for _, err := range []error{
		conn.Announce(ctx, 1, pathmanager.Endpoint{}),
		conn.CreateSubflow(ctx, 1, endpoint, netip.AddrPort{}),
		conn.CreateSubflow(ctx, 1, pathmanager.Endpoint{}, there),
		conn.DestroySubflow(ctx, 1, netip.AddrPort{}, there),
		conn.SetPriority(ctx, 1, there, netip.AddrPort{}, true),
	} {
		var refusal *pathmanager.Error
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("without an address: %v, want an error before the kernel is asked", err)
		}
	}
}

// TestErrorsUnderTheKernelsPathManager is about a connection that is the
// kernel's to manage.
func TestErrorsUnderTheKernelsPathManager(t *testing.T) {
	_, client, server := hosts(t, nil)
	connect(t, client, server, netip.IPv6Unspecified(), netip.MustParseAddrPort(server4[0]+":4000"))
	err := client.pm.Announce(t.Context(), client.token, pathmanager.Endpoint{Addr: netip.MustParseAddr(client4[1]), ID: 3})
	refused(t, err, "not userspace", syscall.EINVAL, "userspace PM not selected")
}

func TestFeatures(t *testing.T) {
	ns, conn := dial(t)
	must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), ID: 1, Flags: pathmanager.Laminar}))
	before := netnstest.Output(t, ns, "ip mptcp endpoint show") + netnstest.Output(t, ns, "ip mptcp limits show")
	features, err := conn.Features(t.Context())
	must(t, err)
	if after := netnstest.Output(t, ns, "ip mptcp endpoint show") + netnstest.Output(t, ns, "ip mptcp limits show"); before != after {
		t.Errorf("before the probe:\n%safter:\n%s", before, after)
	}
	if laminar := endpoints(t, conn)[0].Flags == pathmanager.Laminar; laminar != features.Laminar {
		t.Errorf("%+v, but that the flag laminar is kept is %v", features, laminar)
	}
	must(t, conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{Subflows: &features.MaxLimit}))
	above := features.MaxLimit + 1
	if err := conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{Subflows: &above}); !errors.Is(err, pathmanager.ErrTooMany) {
		t.Errorf("%+v, but a limit of %d: %v", features, above, err)
	}
	_, err = ns.Sysctl("net.mptcp.allow_join_initial_addr_port")
	if (err == nil) != features.DenyJoinID0 {
		t.Errorf("%+v, but the sysctl: %v", features, err)
	}
	if _, err := conn.ConnectionEndpoints(t.Context(), 1); features.TokenDump != errors.Is(err, pathmanager.ErrNotFound) {
		t.Errorf("%+v, but listing a connection that is none: %v", features, err)
	}
}
