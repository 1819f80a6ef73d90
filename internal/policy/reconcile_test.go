package policy_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// host is a host as the daemon sees it: a table of endpoints, and what is known to be own.
type host struct {
	conn  *pathmanagertest.Fake
	ids   policy.IDs
	owned []pathmanager.Endpoint
}

func (h *host) actual(t require) policy.Actual {
	refuse := h.conn.Refuse
	h.conn.Refuse = nil
	defer func() { h.conn.Refuse = refuse }()
	endpoints, err := h.conn.Endpoints(context.Background())
	t.must(err)
	limits, err := h.conn.Limits(context.Background())
	t.must(err)
	return policy.Actual{Endpoints: endpoints, Limits: limits}
}

func (h *host) foreign(actual policy.Actual) (foreign []pathmanager.Endpoint) {
	for _, e := range actual.Endpoints {
		if !slices.ContainsFunc(h.owned, func(o pathmanager.Endpoint) bool { return o.ID == e.ID && o.Addr == e.Addr && o.Port == e.Port }) {
			foreign = append(foreign, e)
		}
	}
	return foreign
}

// apply carries a change out as the daemon does: what is added is written down before.
func (h *host) apply(change policy.Change) error {
	ctx, e := context.Background(), change.Endpoint
	switch change.Kind {
	case policy.Add:
		h.owned = append(h.owned, e)
		return h.conn.AddEndpoint(ctx, e)
	case policy.Delete:
		return h.conn.DeleteEndpoint(ctx, e.ID, netip.Addr{})
	case policy.SetFlags:
		return h.conn.SetFlags(ctx, pathmanager.Endpoint{ID: e.ID}, e.Flags)
	}
	return h.conn.SetLimits(ctx, change.Limits)
}

// round is one look at the table, and what follows from it.
func (h *host) round(t require, a []policy.Assessment, c *config.Config) (plan policy.Plan, changes []policy.Change, refused int) {
	actual := h.actual(t)
	plan = policy.Draw(a, c, &h.ids, 8, h.foreign(actual))
	changes = policy.Reconcile(plan, actual, h.owned)
	for _, change := range changes {
		if h.apply(change) != nil {
			refused++
		}
	}
	after := h.actual(t).Endpoints
	h.owned = slices.DeleteFunc(h.owned, func(o pathmanager.Endpoint) bool {
		return !slices.ContainsFunc(after, func(e pathmanager.Endpoint) bool { return e.ID == o.ID && e.Addr == o.Addr && e.Port == o.Port })
	})
	return plan, changes, refused
}

// require lets the same code serve tests and properties.
type require struct{ fatal func(...any) }

func (r require) must(err error) {
	if err != nil {
		r.fatal(err)
	}
}

var anyRole = rapid.SampledFrom([]config.Role{config.Use, config.Backup, config.Signal, config.Laminar})

// network draws addresses that are ready.
func network(r *rapid.T) (a []policy.Assessment) {
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 14), 0, 12, rapid.ID).Draw(r, "addresses") {
		settings := config.InterfaceSettings{Role: anyRole.Draw(r, "role"), Fullmesh: rapid.Bool().Draw(r, "fullmesh")}
		if settings.Role == config.Signal && rapid.Bool().Draw(r, "has port") {
			settings.Announce = &config.Announcement{Port: uint16(rapid.IntRange(1, 2).Draw(r, "port"))}
		}
		a = append(a, assessed(rapid.IntRange(2, 4).Draw(r, "interface"), number(n).String(), settings))
	}
	return a
}

// others draws endpoints of other programs that the table takes.
func others(r *rapid.T, h *host) {
	for range rapid.IntRange(0, 5).Draw(r, "others") {
		e := pathmanager.Endpoint{
			Addr:    number(rapid.IntRange(1, 30).Draw(r, "address")),
			ID:      uint8(rapid.IntRange(0, 12).Draw(r, "id")),
			Flags:   rapid.SampledFrom([]pathmanager.Flags{pathmanager.Subflow, pathmanager.Signal, pathmanager.Subflow | pathmanager.Backup}).Draw(r, "flags"),
			IfIndex: rapid.IntRange(0, 3).Draw(r, "interface"),
		}

		_ = h.conn.AddEndpoint(context.Background(), e)
	}
}

// serves tells whether all that is planned is there, and nothing else that is own.
func (h *host) serves(t require, plan policy.Plan) error {
	actual := h.actual(t)
	if actual.Limits != plan.Limits {
		return fmt.Errorf("limits %+v, want %+v", actual.Limits, plan.Limits)
	}
	for _, p := range plan.Endpoints {
		if !slices.ContainsFunc(actual.Endpoints, func(e pathmanager.Endpoint) bool {
			return e.Addr == p.Endpoint.Addr && e.Port == p.Endpoint.Port && e.Flags == p.Endpoint.Flags && e.IfIndex == p.Endpoint.IfIndex
		}) {
			return fmt.Errorf("%+v is not there", p.Endpoint)
		}
	}
	for _, o := range h.owned {
		if !slices.ContainsFunc(plan.Endpoints, func(p policy.Planned) bool { return p.Endpoint.Addr == o.Addr && p.Endpoint.Port == o.Port }) {
			return fmt.Errorf("%+v is there still", o)
		}
	}
	return nil
}

var equalAddr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

// TestReconcile goes from network to network. Without refusals each is reached in one
// round, in which no change is refused; the next has nothing to do; and what others made
// is as it was.
func TestReconcile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h, q := &host{conn: new(pathmanagertest.Fake)}, require{r.Fatal}
		others(r, h)
		foreign := h.foreign(h.actual(q))
		c := config.Default()
		for range rapid.IntRange(1, 5).Draw(r, "networks") {
			a := network(r)
			plan, changes, refused := h.round(q, a, c)
			if refused > 0 {
				r.Fatalf("%d of %v are refused", refused, changes)
			}
			q.must(h.serves(q, plan))
			if diff := cmp.Diff(foreign, h.foreign(h.actual(q)), equalAddr); diff != "" {
				r.Fatalf("others' endpoints changed:\n%s", diff)
			}
			if len(plan.Endpoints)+len(plan.Dropped) != len(a) {
				r.Fatalf("%d addresses became %d endpoints and %d dropped", len(a), len(plan.Endpoints), len(plan.Dropped))
			}
			if _, changes, _ := h.round(q, a, c); len(changes) > 0 {
				r.Fatalf("a second round makes %v", changes)
			}
		}
	})
}

// TestReconcileRefused has any call refused, and the daemon killed at any point: once
// nothing is refused any more, one round is enough.
func TestReconcileRefused(t *testing.T) {
	errnos := rapid.SampledFrom([]syscall.Errno{syscall.EPERM, syscall.ENOBUFS, syscall.ENODEV, syscall.EBUSY})
	rapid.Check(t, func(r *rapid.T) {
		h, q := &host{conn: new(pathmanagertest.Fake)}, require{r.Fatal}
		others(r, h)
		foreign := h.foreign(h.actual(q))
		a, c := network(r), config.Default()
		for range rapid.IntRange(1, 6).Draw(r, "bad rounds") {
			h.conn.Refuse = func(string) error {
				if rapid.IntRange(0, 2).Draw(r, "refuse") > 0 {
					return nil
				}
				return &pathmanager.Error{Errno: errnos.Draw(r, "errno")}
			}
			h.round(q, a, c)
			h.conn.Refuse = nil
			if rapid.Bool().Draw(r, "another network") {
				a = network(r)
			}
			if rapid.IntRange(0, 3).Draw(r, "flush") == 0 && len(foreign) == 0 {
				q.must(h.conn.Flush(context.Background()))
			}
		}
		plan, _, refused := h.round(q, a, c)
		if refused > 0 {
			r.Fatal("changes are refused by the table itself")
		}
		q.must(h.serves(q, plan))
		if diff := cmp.Diff(foreign, h.foreign(h.actual(q)), equalAddr); diff != "" {
			r.Fatalf("others' endpoints changed:\n%s", diff)
		}
	})
}

// TestReconcileOrder: the same whatever the order of what is there and owned.
func TestReconcileOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h, q := &host{conn: new(pathmanagertest.Fake)}, require{r.Fatal}
		others(r, h)
		h.round(q, network(r), config.Default())
		actual := h.actual(q)
		plan := policy.Draw(network(r), config.Default(), &h.ids, 8, h.foreign(actual))
		want := policy.Reconcile(plan, actual, h.owned)
		for range 3 {
			mixed := policy.Actual{Endpoints: rapid.Permutation(actual.Endpoints).Draw(r, "order"), Limits: actual.Limits}
			owned := rapid.Permutation(h.owned).Draw(r, "owned")
			if diff := cmp.Diff(want, policy.Reconcile(plan, mixed, owned), equalAddr); diff != "" {
				r.Fatal(diff)
			}
		}
	})
}

// TestReconcileSteps: which changes, and in which order.
func TestReconcileSteps(t *testing.T) {
	use := config.InterfaceSettings{Role: config.Use}
	backup := config.InterfaceSettings{Role: config.Backup}
	signal := config.InterfaceSettings{Role: config.Signal}
	one, two := number(1).String(), number(2).String()
	e := func(n int, id uint8, flags pathmanager.Flags) pathmanager.Endpoint {
		return pathmanager.Endpoint{Addr: number(n), ID: id, Flags: flags, IfIndex: 2}
	}
	even := pathmanager.Limits{Subflows: 2, AddAddrAccepted: 2}
	for name, c := range map[string]struct {
		a      []policy.Assessment
		there  []pathmanager.Endpoint
		owned  []pathmanager.Endpoint
		limits pathmanager.Limits
		want   []string
	}{
		"new": {[]policy.Assessment{assessed(2, one, use)}, nil, nil, pathmanager.Limits{Subflows: 2}, []string{
			"ip mptcp limits set subflows 2 add_addr_accepted 2",
			"ip mptcp endpoint add 10.0.0.1 dev eth2 id 1 subflow",
		}},
		"gone": {nil, []pathmanager.Endpoint{e(1, 5, pathmanager.Subflow)}, []pathmanager.Endpoint{e(1, 5, 0)}, pathmanager.Limits{Subflows: 8, AddAddrAccepted: 1}, []string{
			"ip mptcp endpoint delete id 5",
			"ip mptcp limits set subflows 8 add_addr_accepted 2",
			"ip mptcp limits set subflows 2 add_addr_accepted 2",
		}},
		"not ours": {nil, []pathmanager.Endpoint{e(1, 5, pathmanager.Subflow)}, []pathmanager.Endpoint{e(1, 6, 0), e(2, 5, 0)}, even, nil},
		"backup": {[]policy.Assessment{assessed(2, one, backup)}, []pathmanager.Endpoint{e(1, 5, pathmanager.Subflow)}, []pathmanager.Endpoint{e(1, 5, 0)}, even, []string{
			"ip mptcp endpoint change id 5 backup nofullmesh",
		}},
		"signal": {[]policy.Assessment{assessed(2, one, signal)}, []pathmanager.Endpoint{e(1, 5, pathmanager.Subflow)}, []pathmanager.Endpoint{e(1, 5, 0)}, even, []string{
			"ip mptcp endpoint delete id 5",
			"ip mptcp endpoint add 10.0.0.1 dev eth2 id 5 signal",
		}},
		"moved": {[]policy.Assessment{assessed(3, one, use)}, []pathmanager.Endpoint{e(1, 5, pathmanager.Subflow)}, []pathmanager.Endpoint{e(1, 5, 0)}, even, []string{
			"ip mptcp endpoint delete id 5",
			"ip mptcp endpoint add 10.0.0.1 dev eth3 id 5 subflow",
		}},
		"id taken by ours": {[]policy.Assessment{assessed(2, one, use), assessed(2, two, use)}, []pathmanager.Endpoint{e(2, 1, pathmanager.Subflow)}, []pathmanager.Endpoint{e(2, 1, 0)}, even, []string{
			"ip mptcp endpoint add 10.0.0.1 dev eth2 id 3 subflow",
		}},
		"implicit": {[]policy.Assessment{assessed(2, one, use), assessed(2, two, use)}, []pathmanager.Endpoint{{Addr: number(2), ID: 1, Flags: pathmanager.Implicit}}, nil, even, []string{
			"ip mptcp endpoint add 10.0.0.2 dev eth2 subflow",
			"ip mptcp endpoint add 10.0.0.1 dev eth2 id 2 subflow",
		}},
		"implicit though owned": {nil, []pathmanager.Endpoint{{Addr: number(2), ID: 1, Flags: pathmanager.Implicit}}, []pathmanager.Endpoint{e(2, 1, 0)}, even, nil},
		"without laminar":       {[]policy.Assessment{assessed(2, one, config.InterfaceSettings{Role: config.Laminar})}, []pathmanager.Endpoint{e(1, 5, 0)}, []pathmanager.Endpoint{e(1, 5, 0)}, even, nil},
	} {
		var foreign []pathmanager.Endpoint
		for _, there := range c.there {
			if !slices.ContainsFunc(c.owned, func(o pathmanager.Endpoint) bool {
				return o.ID == there.ID && o.Addr == there.Addr && there.Flags&pathmanager.Implicit == 0
			}) {
				foreign = append(foreign, there)
			}
		}
		plan := policy.Draw(c.a, config.Default(), new(policy.IDs), 8, foreign)
		var got []string
		for _, change := range policy.Reconcile(plan, policy.Actual{Endpoints: c.there, Limits: c.limits}, c.owned) {
			got = append(got, change.String())
			if change.Why == "" {
				t.Errorf("%s: %s has no reason", name, change)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestReconcileMeanwhile: others added endpoints after the plan was drawn. They stay.
func TestReconcileMeanwhile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h, q := &host{conn: new(pathmanagertest.Fake)}, require{r.Fatal}
		plan := policy.Draw(network(r), config.Default(), &h.ids, 8, nil)
		others(r, h)
		actual := h.actual(q)
		for _, change := range policy.Reconcile(plan, actual, nil) {
			if change.Kind == policy.Delete || change.Kind == policy.SetFlags {
				r.Fatalf("%s, though nothing is allroadsd's", change)
			}
			if change.Kind == policy.Add && slices.ContainsFunc(actual.Endpoints, func(e pathmanager.Endpoint) bool { return e.ID == change.Endpoint.ID }) {
				r.Fatalf("%s: the id is taken", change)
			}
		}
	})
}

// TestReconcileImplicit has the kernel make implicit endpoints at any time, for wanted
// addresses and for others: two rounds are enough, and none is refused.
func TestReconcileImplicit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var ids policy.IDs
		k, owned := &table{max: 8}, []pathmanager.Endpoint(nil)
		limits := pathmanager.Limits{Subflows: 2}
		for range 3 {
			for range rapid.IntRange(0, 4).Draw(r, "implicit") {
				_ = k.add(pathmanager.Endpoint{Addr: number(rapid.IntRange(1, 16).Draw(r, "address")), Flags: pathmanager.Implicit})
			}
			a := network(r)
			var plan policy.Plan
			for range 2 {
				plan, owned = implicitRound(r, k, a, &ids, owned, &limits)
			}
			for _, p := range plan.Endpoints {
				if !slices.ContainsFunc(k.endpoints, func(e pathmanager.Endpoint) bool {
					return e.Addr == p.Endpoint.Addr && e.Port == p.Endpoint.Port && e.Flags == p.Endpoint.Flags
				}) {
					r.Fatalf("%+v is not in %+v", p.Endpoint, k.endpoints)
				}
			}
			before := slices.Clone(k.endpoints)
			if _, _ = implicitRound(r, k, a, &ids, owned, &limits); !slices.Equal(before, k.endpoints) {
				r.Fatalf("a third round made %+v of %+v", k.endpoints, before)
			}
		}
	})
}

func implicitRound(r *rapid.T, k *table, a []policy.Assessment, ids *policy.IDs, owned []pathmanager.Endpoint, limits *pathmanager.Limits) (policy.Plan, []pathmanager.Endpoint) {
	isOwn := func(e pathmanager.Endpoint) bool {
		return e.Flags&pathmanager.Implicit == 0 && slices.ContainsFunc(owned, func(o pathmanager.Endpoint) bool { return o.Addr == e.Addr && o.Port == e.Port })
	}
	var foreign []pathmanager.Endpoint
	for _, e := range k.endpoints {
		if !isOwn(e) {
			foreign = append(foreign, e)
		}
	}
	plan := policy.Draw(a, config.Default(), ids, k.max, foreign)
	for _, change := range policy.Reconcile(plan, policy.Actual{Endpoints: slices.Clone(k.endpoints), Limits: *limits}, owned) {
		var err error
		switch e := change.Endpoint; change.Kind {
		case policy.Add:
			owned = append(owned, pathmanager.Endpoint{Addr: e.Addr, Port: e.Port})
			err = k.add(e)
		case policy.Delete:
			i := k.at(e.ID)
			if i < 0 || !isOwn(k.endpoints[i]) {
				r.Fatalf("%s is not allroadsd's to delete", change)
			}
			k.endpoints = slices.Delete(k.endpoints, i, i+1)
			owned = slices.DeleteFunc(owned, func(o pathmanager.Endpoint) bool { return o.Addr == e.Addr && o.Port == e.Port })
		case policy.SetFlags:
			k.endpoints[k.at(e.ID)].Flags = e.Flags
		case policy.SetLimits:
			*limits = change.Limits
		}
		if err != nil {
			r.Fatalf("%s: %v, with %+v", change, err, k.endpoints)
		}
	}
	return plan, owned
}
