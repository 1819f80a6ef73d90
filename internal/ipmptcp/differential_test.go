package ipmptcp_test

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"allroads/internal/ipmptcp"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
)

// installedVersion asks ip(8) for its own.
func installedVersion(t *testing.T, ns *netns.NS) [2]int {
	t.Helper()
	_, number, found := strings.Cut(runIP(t, ns, "-V").out, "iproute2-")
	if !found {
		netnstest.Missing(t, "an ip of iproute2")
	}
	return version(t, strings.FieldsFunc(number, func(r rune) bool { return r == ',' || r == '\n' })[0])
}

// bench is where commands are compared: a namespace with an interface d0, and
// another one to call them from.
type bench struct {
	ns, other *netns.NS
	conn      *pathmanager.Conn
	version   [2]int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{ns: netnstest.New(t), other: netnstest.New(t)}
	b.conn = dial(t, b.ns)
	b.version = installedVersion(t, b.ns)
	for _, command := range []string{
		"ip link add d0 type veth peer name d1", "ip link set lo up", "ip link set d0 up",
		"ip address add 10.9.0.1/24 dev d0",
	} {
		netnstest.Output(t, b.ns, command)
	}
	return b
}

// prepare makes a state.
func (b *bench) prepare(t *testing.T, state string) {
	t.Helper()
	ctx, a := t.Context(), netip.MustParseAddr
	must(t, b.conn.Flush(ctx), b.conn.SetLimits(ctx, pathmanager.Limits{Subflows: 2}))
	switch state {
	case "empty":
	case "some":
		must(t,
			b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.1"), ID: 5, Flags: pathmanager.Subflow, IfIndex: 1}),
			b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.9.0.1"), ID: 6, Flags: pathmanager.Signal, Port: 5555}),
			b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("fd00::2"), ID: 7, Flags: pathmanager.Backup | pathmanager.Fullmesh}),
			b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("::ffff:10.0.0.9"), ID: 200}))
	case "full":
		for i := range 8 {
			must(t, b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})}))
		}
	case "laminar":
		must(t, b.conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: a("10.0.0.1"), ID: 5, Flags: pathmanager.Laminar}))
	default:
		t.Fatalf("%s: no state [%s]", commandsFile, state)
	}
}

// where is the namespace to call a row in.
func (b *bench) where(r row) *netns.NS {
	if r.elsewhere {
		return b.other
	}
	return b.ns
}

// ours calls the package and reads the state back with ip.
func (b *bench) ours(t *testing.T, r row) (result, string) {
	t.Helper()
	b.prepare(t, r.state)
	got := run(t, b.where(r), ipmptcp.Run, without(r.args)...)
	return got, runIP(t, b.ns, "-batch", "testdata/show.batch").out
}

// theirs calls ip and reads the state back with the package.
func (b *bench) theirs(t *testing.T, r row) (result, string) {
	t.Helper()
	b.prepare(t, r.state)
	want := runIP(t, b.where(r), r.args...)
	return want, run(t, b.ns, ipmptcp.Run, "endpoint", "show").out + run(t, b.ns, ipmptcp.Run, "limits", "show").out
}

// TestLikeIP gives each command line of the table to the package and to the
// installed ip(8), which has to print the same and to leave the same.
func TestLikeIP(t *testing.T) {
	rows := slices.DeleteFunc(readRows(t), func(r row) bool { return r.elsewhere })
	var judged atomic.Int32
	t.Cleanup(func() {
		if n := judged.Load(); len(rows) < 80 || n < 80 {
			t.Errorf("%d command lines, of which %d were judged: want 80", len(rows), n)
		}
	})
	for part := range slices.Chunk(rows, (len(rows)+3)/4) {
		t.Run(part[0].state, func(t *testing.T) {
			t.Parallel()
			judged.Add(int32(newBench(t).judge(t, part)))
		})
	}
}

// TestLikeIPElsewhere is TestLikeIP for the command lines that name a namespace.
func TestLikeIPElsewhere(t *testing.T) {
	if !isolated(t) {
		return
	}
	rows := slices.DeleteFunc(readRows(t), func(r row) bool { return !r.elsewhere })
	b := newBench(t)
	publish(t, b.ns, "red")
	if judged := b.judge(t, rows); judged < 3 {
		t.Errorf("%d command lines were judged", judged)
	}
}

// judge returns how many rows the installed ip has judged.
func (b *bench) judge(t *testing.T, rows []row) (judged int) {
	t.Helper()
	features, err := b.conn.Features(t.Context())
	must(t, err)
	for _, r := range rows {
		if r.state == "laminar" && !features.Laminar || r.state == "full" && features.MaxLimit != 8 {
			t.Logf("this kernel cannot judge [%s] %q", r.state, r.args)
			continue
		}
		got, left := b.ours(t, r)
		if r.recorded != nil {
			compare(t, "recorded from iproute2 7.3", r, got, *r.recorded)
		}
		if r.since != "" && isBefore(b.version, version(t, r.since)) {
			continue
		}
		judged++
		want, wantLeft := b.theirs(t, r)
		compare(t, "ip", r, got, want)
		if left != wantLeft {
			t.Errorf("[%s] %q leaves\n%s, ip leaves\n%s", r.state, r.args, left, wantLeft)
		}
	}
	t.Logf("iproute2 %d.%d has judged %d of %d", b.version[0], b.version[1], judged, len(rows))
	return judged
}

func compare(t *testing.T, judge string, r row, got, want result) {
	t.Helper()
	if r.usage {
		if (got.err == "") != (want.err == "") {
			t.Errorf("[%s] %q: standard error %q, %s: %q", r.state, r.args, got.err, judge, want.err)
		}
		got.err, want.err = "", ""
	}
	if got != want {
		t.Errorf("[%s] %q:\n%d %q %q, %s:\n%d %q %q", r.state, r.args,
			got.code, got.out, got.err, judge, want.code, want.out, want.err)
	}
}
