package lifetest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// flags are those that `ip -json address` prints of an address.
func (n *network) flags(address string) (set []string) {
	n.t.Helper()
	var links []struct {
		Addresses []map[string]any `json:"addr_info"`
	}
	if err := json.Unmarshal([]byte(n.ip("-json -6 address show")), &links); err != nil {
		n.t.Fatal(err)
	}
	for _, link := range links {
		for _, a := range link.Addresses {
			if a["local"] != address {
				continue
			}
			for key, value := range a {
				if value == true {
					set = append(set, key)
				}
			}
			return append(set, "there")
		}
	}
	return nil
}

// newDADLife is a network of both families without blue's IPv6 address.
func newDADLife(t *testing.T) (l *life, wanted func(...string) func() error) {
	t.Helper()
	n := newDual(t, 2)
	n.ip("-6 address delete 2001:db8:2::1/64 dev blue")
	l = &life{n, n.start(routed), n.connect("2001:db8:1::1")}
	always := []string{"10.1.0.1", "10.2.0.1", "2001:db8:1::1"}
	wanted = func(more ...string) func() error {
		endpoints := append(slices.Clone(always), more...)
		return all(n.endpoints(endpoints...), n.rules(endpoints...), l.c.from(append([]string{"2001:db8:1::1"}, more...)...))
	}
	await(t, "start", wanted())
	return l, wanted
}

// TestDAD: an address is used once it is known that nobody else has it, and not before.
func TestDAD(t *testing.T) {
	t.Parallel()
	l, wanted := newDADLife(t)
	l.ip("-6 address add 2001:db8:2::7/64 dev blue")
	l.ip("-6 route replace default via 2001:db8:2::2 dev blue metric 200")
	tentative := 0
	for slices.Contains(l.flags("2001:db8:2::7"), "tentative") {
		err := wanted()()
		if still := slices.Contains(l.flags("2001:db8:2::7"), "tentative"); err != nil && still {
			t.Fatalf("while tentative: %v", err)
		}
		if tentative++; tentative == 3 {
			await(t, "status", l.d.says("2001:db8:2::7", "waiting", "duplicate"))
		}
	}
	if tentative == 0 {
		t.Fatalf("the address was never tentative: %v", l.flags("2001:db8:2::7"))
	}
	await(t, "duplicate address detection over", wanted("2001:db8:2::7"))
	l.ip("-6 address delete 2001:db8:2::7/64 dev blue")
	await(t, "address removed", wanted())
}

// TestDADFailed: an address that somebody else has is never used.
func TestDADFailed(t *testing.T) {
	t.Parallel()
	l, wanted := newDADLife(t)
	l.at(l.server, "-6 address add 2001:db8:2::8/64 dev blue nodad")
	l.ip("-6 address add 2001:db8:2::8/64 dev blue")
	l.ip("-6 route replace default via 2001:db8:2::2 dev blue metric 200")
	wait(t, "duplicate address detection failed", func() error {
		if flags := l.flags("2001:db8:2::8"); !slices.Contains(flags, "dadfailed") {
			return fmt.Errorf("flags %v", flags)
		}
		return wanted()()
	})
	await(t, "status", func() error {
		err := l.d.says("2001:db8:2::8", "left", "duplicate")()
		if err != nil {
			err = l.d.says("2001:db8:2::8", "waiting", "duplicate")()
		}
		return err
	})
	stays(t, "after the detection", 300*time.Millisecond, wanted())
}

// TestTemporary: an address for privacy goes soon, and is left alone; the one that it was
// made from is not.
func TestTemporary(t *testing.T) {
	t.Parallel()
	l, wanted := newDADLife(t)
	l.sysctl("net.ipv6.conf.blue.use_tempaddr", "2")
	l.ip("-6 address add 2001:db8:2::7/64 dev blue nodad mngtmpaddr")
	temporary := ""
	wait(t, "temporary address", func() error {
		for line := range strings.Lines(l.ip("-6 -oneline address show dev blue temporary -tentative")) {
			temporary, _, _ = strings.Cut(strings.Fields(line)[3], "/")
			return nil
		}
		return errors.New("there is none")
	})
	await(t, "the other address", wanted("2001:db8:2::7"))
	await(t, "status", l.d.says(temporary, "left", "temporary"))
	stays(t, "with a temporary address", 100*time.Millisecond, wanted("2001:db8:2::7"))
}

// TestDeprecated: nothing new begins from an address whose preferred lifetime is over.
func TestDeprecated(t *testing.T) {
	t.Parallel()
	l, wanted := newDADLife(t)
	l.ip("-6 address add 2001:db8:2::9/64 dev blue nodad preferred_lft 0 valid_lft 600")
	await(t, "status", l.d.says("2001:db8:2::9", "left", "deprecated"))
	stays(t, "deprecated", 100*time.Millisecond, wanted())
	l.ip("-6 address change 2001:db8:2::9/64 dev blue preferred_lft 300 valid_lft 600")
	await(t, "preferred again", wanted("2001:db8:2::9"))
	l.ip("-6 address change 2001:db8:2::9/64 dev blue preferred_lft 0 valid_lft 600")
	await(t, "deprecated again", wanted())
}
