package pathmanager_test

import (
	"net/netip"
	"slices"
	"testing"

	"allroads/internal/netns"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAnySetReadsBack writes any set of endpoints that the kernel takes and
// reads it back, through this package and ip(8).
func TestAnySetReadsBack(t *testing.T) {
	ns, conn := dial(t)
	dev := device(t, ns)
	for _, key := range []string{"net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"} {
		must(t, ns.SetSysctl(key, "1")) // The kernel listens on endpoints with ports.
	}
	sets := endpointSets(dev, knownFlags(t, conn))
	rapid.Check(t, func(r *rapid.T) { readsBack(t, r, ns, conn, sets.Draw(r, "set")) })
}

func readsBack(t *testing.T, r *rapid.T, ns *netns.NS, conn *pathmanager.Conn, set []pathmanager.Endpoint) {
	if err := conn.Flush(t.Context()); err != nil {
		r.Fatal(err)
	}
	for _, e := range set {
		if err := conn.AddEndpoint(t.Context(), e); err != nil {
			r.Fatal(err)
		}
	}
	slices.SortFunc(set, func(a, b pathmanager.Endpoint) int { return int(a.ID) - int(b.ID) })
	got, err := conn.Endpoints(t.Context())
	if diff := cmp.Diff(set, got, equalAddr); err != nil || diff != "" {
		r.Fatalf("%v (-written +read):\n%s", err, diff)
	}
	if rapid.IntRange(0, 9).Draw(r, "ask ip") == 0 {
		if diff := cmp.Diff(set, shown(t, ns), equalAddr); diff != "" {
			r.Fatalf("(-written +shown by ip):\n%s", diff)
		}
	}
}

// knownFlags finds out which flags this kernel keeps, of those that go with any
// other.
func knownFlags(t *testing.T, conn *pathmanager.Conn) (known []pathmanager.Flags) {
	t.Helper()
	for _, flag := range []pathmanager.Flags{pathmanager.Subflow, pathmanager.Backup, pathmanager.Laminar} {
		must(t, conn.Flush(t.Context()), conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), Flags: flag}))
		if endpoints(t, conn)[0].Flags == flag {
			known = append(known, flag)
		}
	}
	return known
}

// endpointSets draws up to 8 endpoints with different addresses and ids.
func endpointSets(dev int, known []pathmanager.Flags) *rapid.Generator[[]pathmanager.Endpoint] {
	one := rapid.Custom(func(r *rapid.T) pathmanager.Endpoint {
		e := pathmanager.Endpoint{
			Addr:    addresses().Draw(r, "address"),
			ID:      rapid.Uint8Min(1).Draw(r, "id"),
			IfIndex: rapid.SampledFrom([]int{0, 1, dev}).Draw(r, "interface"),
		}
		for _, flag := range known {
			e.Flags |= flag * pathmanager.Flags(rapid.IntRange(0, 1).Draw(r, flag.String()))
		}
		switch rapid.SampledFrom([]string{"plain", "signal", "port", "fullmesh"}).Draw(r, "kind") {
		case "signal":
			e.Flags |= pathmanager.Signal
		case "port":
			e.Flags = e.Flags&^pathmanager.Subflow | pathmanager.Signal
			e.Port = rapid.Uint16Min(1).Draw(r, "port")
		case "fullmesh":
			e.Flags |= pathmanager.Fullmesh
		}
		return e
	})
	sets := rapid.SliceOfNDistinct(one, 0, 8, func(e pathmanager.Endpoint) uint8 { return e.ID })
	return sets.Filter(func(set []pathmanager.Endpoint) bool {
		seen := map[netip.Addr]bool{}
		for _, e := range set {
			if seen[e.Addr] {
				return false
			}
			seen[e.Addr] = true
		}
		return true
	})
}

// addresses draws unicast addresses: IPv4, IPv6 and IPv4 within IPv6.
func addresses() *rapid.Generator[netip.Addr] {
	return rapid.Custom(func(r *rapid.T) netip.Addr {
		low := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(r, "low bytes"))
		low[0] = 10
		if rapid.Bool().Draw(r, "is IPv4") {
			return netip.AddrFrom4(low)
		}
		prefix := rapid.SampledFrom([]string{"::ffff:0.0.0.0", "2001:db8::", "fd00:1::"}).Draw(r, "prefix")
		high := netip.MustParseAddr(prefix).As16()
		copy(high[12:], low[:])
		return netip.AddrFrom16(high)
	})
}
