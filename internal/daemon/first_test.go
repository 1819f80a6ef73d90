package daemon

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// TestMostUsedFirst: at a start over live connections the endpoint comes first from
// which most of them began.
func TestMostUsedFirst(t *testing.T) {
	for name, local := range map[string]string{"192.0.2.1": "192.0.2.1:1", "198.51.100.1": "198.51.100.1:1", "IPv6 socket": "[::ffff:198.51.100.1]:1"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, config.Default())
				s.sockets.list = []*sockdiag.Connection{
					socket(1, local, "203.0.113.1:80"), socket(2, local, "203.0.113.1:80"), socket(3, "192.0.2.1:2", "203.0.113.1:80"),
				}
				s.play(t)
				first := s.sockets.list[0].Local.Addr().Unmap().String()
				if text := s.log.String(); !addedFirst(text, first) {
					t.Errorf("%s is not added first:\n%s", first, text)
				}
				if got := s.endpoints(t); !slices.Equal(got, both) {
					t.Errorf("endpoints %v", got)
				}
				s.stop()
			})
		})
	}
}

// addedFirst reads in the log whether the first of two endpoints is that with an address.
func addedFirst(log, addr string) bool {
	adds := strings.Split(log, "what=\"endpoint add ")
	return len(adds) == 3 && strings.HasPrefix(adds[1], addr+" ")
}

func TestLastAdds(t *testing.T) {
	add := func(id uint8) policy.Change {
		return policy.Change{Kind: policy.Add, Endpoint: pathmanager.Endpoint{ID: id}}
	}
	remove, limits := policy.Change{Kind: policy.Delete}, policy.Change{Kind: policy.SetLimits}
	for _, c := range []struct {
		changes     []policy.Change
		first, last uint8
		n           int
	}{
		{nil, 0, 0, 0},
		{[]policy.Change{remove, limits}, 0, 0, 0},
		{[]policy.Change{limits, add(1), add(2)}, 1, 2, 2},
		{[]policy.Change{add(0), add(1), add(2), limits}, 1, 2, 2},
		{[]policy.Change{add(1), remove, add(3), add(2)}, 3, 2, 2},
	} {
		got := lastAdds(c.changes)
		if len(got) != c.n || c.n > 0 && (got[0].Endpoint.ID != c.first || got[c.n-1].Endpoint.ID != c.last) {
			t.Errorf("%v of %v", got, c.changes)
		}
	}
}
