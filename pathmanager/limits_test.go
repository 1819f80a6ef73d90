package pathmanager_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"

	"golang.org/x/sys/unix"
)

// shownLimits asks ip(8).
func shownLimits(t testing.TB, ns *netns.NS) (limits pathmanager.Limits) {
	t.Helper()
	out := netnstest.Output(t, ns, "ip mptcp limits show")
	_, err := fmt.Sscanf(out, "add_addr_accepted %d subflows %d", &limits.AddAddrAccepted, &limits.Subflows)
	must(t, err)
	return limits
}

// is compares both ways of reading with what there should be.
func is(t testing.TB, ns *netns.NS, conn *pathmanager.Conn, want pathmanager.Limits) {
	t.Helper()
	if got, err := conn.Limits(t.Context()); err != nil || got != want {
		t.Errorf("Limits = %+v, %v, want %+v", got, err, want)
	}
	if got := shownLimits(t, ns); got != want {
		t.Errorf("ip shows %+v, want %+v", got, want)
	}
}

func TestLimitsBothWays(t *testing.T) {
	ns, conn := dial(t)
	is(t, ns, conn, shownLimits(t, ns)) // What the kernel starts with.
	for _, limits := range []pathmanager.Limits{{}, {Subflows: 8}, {AddAddrAccepted: 8}, {Subflows: 3, AddAddrAccepted: 5}} {
		must(t, conn.SetLimits(t.Context(), limits))
		is(t, ns, conn, limits)
		netnstest.Output(t, ns, fmt.Sprintf("ip mptcp limits set subflows %d add_addr_accepted %d",
			limits.AddAddrAccepted, limits.Subflows)) // The other way round.
		is(t, ns, conn, pathmanager.Limits{Subflows: limits.AddAddrAccepted, AddAddrAccepted: limits.Subflows})
	}
}

func TestRefusedLimitsChangeNothing(t *testing.T) {
	ns, conn := dial(t)
	want := pathmanager.Limits{Subflows: 3, AddAddrAccepted: 4}
	must(t, conn.SetLimits(t.Context(), want))
	for _, limits := range []pathmanager.Limits{
		{Subflows: 65, AddAddrAccepted: 1}, {Subflows: 1, AddAddrAccepted: 65}, {Subflows: 1 << 31, AddAddrAccepted: 1<<32 - 1},
	} {
		err := conn.SetLimits(t.Context(), limits)
		tried := fmt.Sprintf("set limits subflows %d add_addr_accepted %d: limit greater than maximum (",
			limits.Subflows, limits.AddAddrAccepted)
		if !errors.Is(err, unix.EINVAL) || !strings.HasPrefix(err.Error(), tried) {
			t.Errorf("SetLimits(%+v) = %v, want EINVAL and %q", limits, err, tried)
			continue
		}
		is(t, ns, conn, want)
		_, theirs := netnstest.Run(t, ns, fmt.Sprintf("ip mptcp limits set subflows %d add_addr_accepted %d",
			limits.Subflows, limits.AddAddrAccepted))
		text := strings.TrimSuffix(strings.TrimPrefix(err.Error(), strings.TrimSuffix(tried, "limit greater than maximum (")), " (invalid argument)")
		if theirs == nil || !strings.HasSuffix(theirs.Error(), "Error: "+text+".") {
			t.Errorf("ours says %q, ip %v", text, theirs)
		}
	}
}

func TestLimitsAreTheNamespaces(t *testing.T) {
	_, a := dial(t)
	nsB, b := dial(t)
	before, err := b.Limits(t.Context())
	must(t, err, a.SetLimits(t.Context(), pathmanager.Limits{Subflows: before.Subflows + 1, AddAddrAccepted: before.AddAddrAccepted + 1}))
	is(t, nsB, b, before)
}
