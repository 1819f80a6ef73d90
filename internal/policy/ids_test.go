package policy_test

import (
	"net/netip"
	"testing"

	"allroads/internal/policy"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func number(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }

func TestIDs(t *testing.T) {
	var ids policy.IDs
	a, b, c := number(1), number(2), number(3)
	if ids.Of(a) != 1 || ids.Of(b) != 2 || ids.Of(a) != 1 {
		t.Error("ids do not go up from 1, or are not stable")
	}
	ids.Alive(a) // b is gone for now
	if ids.Of(c) != 3 || ids.Of(b) != 2 {
		t.Error("an address that came back has another id")
	}
	if ids.Of(netip.MustParseAddr("::ffff:10.0.0.1")) != 1 || ids.Of(netip.MustParseAddr("fe80::1%eth0")) != ids.Of(netip.MustParseAddr("fe80::1")) {
		t.Error("the same address in another form has another id")
	}
	saved := ids.Save()
	var again policy.IDs
	again.Restore(saved)
	if diff := cmp.Diff(saved, again.Save(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || again.Of(c) != 3 {
		t.Error(diff)
	}
}

// TestIDsRunOut: with 255 alive there is none left, and then the one that has been away
// for longest is given.
func TestIDsRunOut(t *testing.T) {
	var ids policy.IDs
	var all []netip.Addr
	for n := range 255 {
		all = append(all, number(n))
		if got := ids.Of(number(n)); int(got) != n+1 {
			t.Fatalf("address %d has id %d", n, got)
		}
	}
	if got := ids.Of(number(999)); got != 0 {
		t.Fatalf("the 256th address has id %d", got)
	}
	ids.Alive(append(all[:41:41], all[42:]...)...)
	ids.Alive(append(all[:41:41], all[50:]...)...)
	if got := ids.Of(number(999)); got != 42 {
		t.Errorf("id %d is given, want that of the address that has been away for longest, 42", got)
	}
}

// TestIDsOfOthers: an id that another's endpoint has is not given, and taken from who
// had it.
func TestIDsOfOthers(t *testing.T) {
	var ids policy.IDs
	ids.Of(number(1))
	ids.Of(number(2))
	ids.Avoid([]pathmanager.Endpoint{{Addr: number(9), ID: 2}, {Addr: number(1), ID: 77}, {Addr: number(8), ID: 5, Port: 80}})
	for n, want := range map[int]uint8{1: 77, 9: 2} {
		if got := ids.Of(number(n)); got != want {
			t.Errorf("address %d has id %d, want %d", n, got, want)
		}
	}
	for n := 2; n < 9; n++ {
		if got := ids.Of(number(n)); got == 2 || got == 77 || got == 5 {
			t.Errorf("address %d has id %d of another's endpoint", n, got)
		}
	}
}

// TestIDsProperty: no two addresses that are alive have the same id, and an id of one that
// stays alive never changes, unless an endpoint of others takes it.
func TestIDsProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var ids policy.IDs
		known := map[netip.Addr]uint8{}
		r.Repeat(map[string]func(*rapid.T){
			"of": func(r *rapid.T) {
				addr := number(rapid.IntRange(0, 400).Draw(r, "address"))
				id := ids.Of(addr)
				if before, held := known[addr]; held && before != id {
					r.Fatalf("%s had id %d, and has %d", addr, before, id)
				}
				if id == 0 && len(known) < 255 {
					r.Fatalf("no id for %s, with %d alive", addr, len(known))
				}
				if id != 0 {
					known[addr] = id
				}
			},
			"many": func(r *rapid.T) {
				first := rapid.IntRange(0, 300).Draw(r, "first")
				for n := range 90 {
					if id := ids.Of(number(first + n)); id != 0 {
						known[number(first+n)] = id
					}
				}
			},
			"alive": func(r *rapid.T) {
				var alive []netip.Addr
				for n := range 400 {
					if _, held := known[number(n)]; held && rapid.Bool().Draw(r, "alive") {
						alive = append(alive, number(n))
					}
				}
				ids.Alive(alive...)
				kept := map[netip.Addr]uint8{}
				for _, addr := range alive {
					kept[addr] = known[addr]
				}
				known = kept
			},
			"": func(r *rapid.T) {
				owner := map[uint8]netip.Addr{}
				for addr, id := range known {
					if other, taken := owner[id]; taken {
						r.Fatalf("%s and %s have id %d", addr, other, id)
					}
					owner[id] = addr
				}
			},
		})
	})
}
