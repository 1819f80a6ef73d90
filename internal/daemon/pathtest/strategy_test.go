package pathtest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/trace"
)

// quiet is how long nothing more may be asked for.
const quiet = 250 * time.Millisecond

// strategies are what each strategy asks for on the wire when all roads are good. Its
// configuration is in testdata, and so is its lab where it is not that of roads.yaml.
var strategies = []struct {
	name, lab string
	joins     []string
}{
	{"fullmesh", "announced", []string{
		"blue 10.0.2.2 > 10.0.1.1:80", "green 10.0.3.2 > 10.0.1.1:80",
		"red 10.0.1.2 > 10.0.2.1:80", "blue 10.0.2.2 > 10.0.2.1:80", "green 10.0.3.2 > 10.0.2.1:80",
	}},
	// At most one from blue, and three in all; red and green are cheaper than blue.
	{"capped", "announced", []string{
		"green 10.0.3.2 > 10.0.1.1:80", "red 10.0.1.2 > 10.0.2.1:80", "blue 10.0.2.2 > 10.0.1.1:80",
	}},
	{"single-per-interface", "announced", []string{"blue 10.0.2.2 > 10.0.1.1:80", "green 10.0.3.2 > 10.0.1.1:80"}},
	{"ndiffports", "roads", []string{"red 10.0.1.2 > 10.0.1.1:80", "red 10.0.1.2 > 10.0.1.1:80"}},
	{"backup-at-once", "roads", []string{"blue 10.0.2.2 > 10.0.1.1:80 backup"}},
	{"backup-when-needed", "roads", nil},
	{"handover", "roads", nil},
	{"aggregate", "roads", []string{"blue 10.0.2.2 > 10.0.1.1:80", "green 10.0.3.2 > 10.0.1.1:80"}},
	{"none", "announced", nil},
}

// TestStrategy holds, for each strategy, that what it is to ask for is asked for and
// established, that nothing else is, and that the packets are flawless.
func TestStrategy(t *testing.T) {
	for _, test := range strategies {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, test.lab)
			s.watch("client")
			s.allroadsd(test.name)
			s.sink(s.server, "0.0.0.0:80")
			talk := s.talk("10.0.1.1:80")
			s.joins(test.joins...)
			s.settled(test.joins...)
			if got := len(talk.paths()); got != 1+len(test.joins) {
				t.Errorf("the kernel has %d subflows: %v", got, talk.paths())
			}
			talk.end()
			s.flawless(s.finish(), 1+len(test.joins))
		})
	}
}

// joins waits until subflows have been asked for and established.
func (s *site) joins(want ...string) {
	s.Helper()
	var got []string
	complete := func() bool {
		got = got[:0]
		for _, j := range s.wire.asked() {
			if j.established {
				got = append(got, j.String())
			}
		}
		return contains(got, want)
	}
	for end := time.Now().Add(patience); !complete(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("established:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// contains tells whether all that is wanted is there, as often as it is wanted.
func contains(got, want []string) bool {
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.Index(left, w)
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// settled holds that no more is asked for than was wanted.
func (s *site) settled(want ...string) {
	s.Helper()
	time.Sleep(quiet)
	var got []string
	for _, j := range s.wire.asked() {
		got = append(got, j.String())
	}
	if len(got) != len(want) || !contains(got, want) {
		s.Errorf("asked for:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// flawless holds that there was one connection with so many subflows, and that each
// check of its packets is well.
func (s *site) flawless(report *trace.Report, subflows int) {
	s.Helper()
	if len(report.Connections) != 1 {
		s.Fatalf("%d connections", len(report.Connections))
	}
	c := report.Connections[0]
	if len(c.Subflows) != subflows || c.Fallback != nil {
		s.Errorf("%d subflows, want %d; fallback: %v", len(c.Subflows), subflows, c.Fallback)
	}
	for _, check := range c.Checks {
		if check.Status == trace.Bad {
			s.Errorf("%s: %s", check.Name, check.Detail)
		}
	}
}
