package pathmanagertest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "25") // The kernel takes its time to forget an endpoint.
	netnstest.Main(m)
}

// kernel connects to the path manager of a new namespace, which has to be one
// that the Fake is like.
func kernel(t *testing.T) *pathmanager.Conn {
	t.Helper()
	ns := netnstest.New(t)
	conn, err := pathmanager.Dial(t.Context(), pathmanager.InNetNS(ns.Fd()))
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	t.Cleanup(func() { conn.Close() })
	theirs, err := conn.Features(t.Context())
	ours, errOurs := new(pathmanagertest.Fake).Features(t.Context())
	if err := errors.Join(err, errOurs); err != nil {
		t.Fatal(err)
	}
	if theirs != ours {
		t.Skipf("this kernel is %+v, and the Fake %+v", theirs, ours)
	}
	for _, key := range []string{"net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"} {
		if err := ns.SetSysctl(key, "1"); err != nil { // It listens on addresses with ports.
			t.Fatal(err)
		}
	}
	return conn
}

// TestFakeIsLikeTheKernel does the same to both, at random, and compares what
// each answers, word by word.
func TestFakeIsLikeTheKernel(t *testing.T) {
	conn := kernel(t)
	rapid.Check(t, func(r *rapid.T) {
		fake := new(pathmanagertest.Fake)
		ctx := context.Background()
		start, _ := fake.Limits(ctx)
		if err := errors.Join(conn.Flush(ctx), conn.SetLimits(ctx, start)); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(r, "calls") {
			name, call := anyCall(r)
			if diff := cmp.Diff(call(conn), call(fake)); diff != "" {
				r.Fatalf("%s (-kernel +fake):\n%s", name, diff)
			}
			compare(r, name, conn, fake)
		}
	})
}

// compare looks at all that there is.
func compare(r *rapid.T, after string, conn, fake pathmanager.Controller) {
	ctx := context.Background()
	theirs, err := conn.Endpoints(ctx)
	ours, errOurs := fake.Endpoints(ctx)
	if diff := cmp.Diff(theirs, ours, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil || errOurs != nil {
		r.Fatalf("after %s: %v, %v (-kernel +fake):\n%s", after, err, errOurs, diff)
	}
	limits, err := conn.Limits(ctx)
	limitsOurs, errOurs := fake.Limits(ctx)
	if limits != limitsOurs || err != nil || errOurs != nil {
		r.Fatalf("after %s: limits %+v, %v, of the fake %+v, %v", after, limits, err, limitsOurs, errOurs)
	}
}

// anyCall draws a call, which answers with its error's text.
func anyCall(r *rapid.T) (string, func(pathmanager.Controller) string) {
	ctx := context.Background()
	e := anyEndpoint(r)
	number := rapid.Uint32Range(0, 10)
	change := pathmanager.LimitsChange{}
	if rapid.Bool().Draw(r, "change subflows") {
		change.Subflows = new(number.Draw(r, "subflows"))
	}
	if rapid.Bool().Draw(r, "change add_addr_accepted") {
		change.AddAddrAccepted = new(number.Draw(r, "add_addr_accepted"))
	}
	calls := map[string]func(pathmanager.Controller) error{
		"AddEndpoint":    func(c pathmanager.Controller) error { return c.AddEndpoint(ctx, e) },
		"AddEndpoint ":   func(c pathmanager.Controller) error { return c.AddEndpoint(ctx, e) },
		"DeleteEndpoint": func(c pathmanager.Controller) error { return c.DeleteEndpoint(ctx, e.ID, e.Addr) },
		"SetFlags":       func(c pathmanager.Controller) error { return c.SetFlags(ctx, e, e.Flags) },
		"Endpoint":       func(c pathmanager.Controller) error { _, err := c.Endpoint(ctx, e.ID); return err },
		"ChangeLimits":   func(c pathmanager.Controller) error { return c.ChangeLimits(ctx, change) },
		"Flush":          func(c pathmanager.Controller) error { return c.Flush(ctx) },
		"Announce":       func(c pathmanager.Controller) error { return c.Announce(ctx, 1, e) },
	}
	names := []string{"AddEndpoint", "AddEndpoint ", "DeleteEndpoint", "SetFlags", "Endpoint", "ChangeLimits", "Flush", "Announce"}
	name := rapid.SampledFrom(names).Draw(r, "call")
	return fmt.Sprintf("%s %+v %s", name, e, change), func(c pathmanager.Controller) string {
		return fmt.Sprint(calls[name](c))
	}
}

// anyEndpoint draws from so few that they meet.
func anyEndpoint(r *rapid.T) pathmanager.Endpoint {
	addresses := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "::ffff:10.0.0.1", "fd00::1", "fd00::2", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"}
	e := pathmanager.Endpoint{
		Addr:  netip.MustParseAddr(rapid.SampledFrom(addresses).Draw(r, "address")),
		ID:    rapid.SampledFrom([]uint8{0, 0, 0, 1, 2, 3, 254, 255}).Draw(r, "id"),
		Flags: pathmanager.Flags(rapid.Uint32Range(0, 0x7f).Draw(r, "flags")),
	}
	if rapid.Bool().Draw(r, "no implicit") {
		e.Flags &^= pathmanager.Implicit
	}
	if rapid.IntRange(0, 3).Draw(r, "with port") == 0 {
		e.Port = rapid.SampledFrom([]uint16{80, 4000}).Draw(r, "port")
		if rapid.Bool().Draw(r, "for it") {
			e.Flags = e.Flags&^(pathmanager.Subflow|pathmanager.Fullmesh) | pathmanager.Signal
		}
	}
	return e
}
