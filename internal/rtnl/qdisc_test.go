package rtnl_test

import (
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// TestHasQdisc has tc(8) try each kind, and looks whether asking for them leaves
// something on lo, whatever is there.
func TestHasQdisc(t *testing.T) {
	left, _ := pair(t)
	for _, onLo := range []string{"", "root tbf rate 8mbit burst 1600 latency 1ms", "root handle 7: htb", "clsact"} {
		if onLo != "" {
			netnstest.Output(t, left.NS, "tc qdisc replace dev lo "+onLo)
		}
		before := everything(t, left)
		for kind, options := range map[string]string{
			"tbf": "rate 1mbit burst 1600 latency 1ms", "htb": "", "netem": "", "pfifo": "", "sfb": "",
			"no-such-kind": "", "a-kind-with-too-long-a-name": "",
		} {
			_, refusal := netnstest.Run(t, left.NS, "tc qdisc replace dev left0 root "+kind+" "+options)
			must(t, left.DelQdisc("left0"))
			got, err := left.HasQdisc(kind)
			if err != nil || got != (refusal == nil) {
				t.Errorf("HasQdisc(%q) = %v, %v, tc says %v", kind, got, err, refusal)
			}
		}
		if after := everything(t, left); after != before {
			t.Errorf("asking with %q on lo made\n%s\n%s", onLo, before, after)
		}
	}
}

// everything is what tc(8) and ip(8) know of the namespace's interfaces.
func everything(t *testing.T, h host) string {
	return netnstest.Output(t, h.NS, "tc -s -d qdisc show") + netnstest.Output(t, h.NS, "tc class show dev lo") +
		netnstest.Output(t, h.NS, "ip -d link show dev lo")
}

// TestHasQdiscDenied asks from a thread without rights.
func TestHasQdiscDenied(t *testing.T) {
	h := newHost(t)
	must(t, h.Do(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			return err
		}
		got, err := h.HasQdisc("tbf")
		if refused(t, err, unix.EPERM, "look for queueing discipline tbf"); got {
			t.Error("HasQdisc without the right to ask says yes")
		}
		return nil
	}))
}

func TestDelQdisc(t *testing.T) {
	left, _ := pair(t)
	must(t, left.SetUp("left0"))
	before := qdisc(t, left.NS, "left0")
	must(t, left.DelQdisc("left0"), left.DelQdisc("lo"))
	for _, kind := range []string{"pfifo limit 7", "htb"} {
		netnstest.Output(t, left.NS, "tc qdisc replace dev left0 root "+kind)
		must(t, left.DelQdisc("left0"), left.DelQdisc("left0"))
		if got := qdisc(t, left.NS, "left0"); got != before {
			t.Errorf("without %s, tc shows %+v, want %+v", kind, got, before)
		}
	}
	must(t, left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600, Latency: time.Millisecond}), left.DelQdisc("left0"))
	if got := qdisc(t, left.NS, "left0"); got != before {
		t.Errorf("without tbf, tc shows %+v, want %+v", got, before)
	}
	refused(t, left.DelQdisc("nope0"), unix.ENODEV, "delete queueing discipline of nope0")
}
