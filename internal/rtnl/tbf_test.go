package rtnl_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

type discipline struct {
	Kind    string `json:"kind"`
	Handle  string `json:"handle"`
	Root    bool   `json:"root"`
	Options struct {
		Rate    float64 `json:"rate"` // bytes per second
		Burst   float64 `json:"burst"`
		Latency float64 `json:"lat"` // microseconds
	} `json:"options"`
}

// qdisc asks tc(8) for the root queueing discipline of an interface.
func qdisc(t testing.TB, ns *netns.NS, name string) discipline {
	t.Helper()
	for _, d := range ask[discipline](t, ns, "tc -j qdisc show dev "+name) {
		if d.Root {
			return d
		}
	}
	return discipline{}
}

// procFile names the file of a namespace for other programs and for Open.
func procFile(h host) string { return fmt.Sprintf("/proc/self/fd/%d", h.Fd()) }

const maxRate = 8 * math.MaxUint32

// TestSetTBF sets the same with tc(8) at the other end of the cable.
func TestSetTBF(t *testing.T) {
	left, right := pair(t)
	for _, tbf := range []rtnl.TBF{
		{Rate: 8, Burst: 100, Latency: time.Second},
		{Rate: 9600, Burst: 1600, Latency: 400 * time.Millisecond},
		{Rate: 1e6, Burst: 16 << 10, Latency: 50 * time.Millisecond},
		{Rate: 12_345_678, Burst: 15_000, Latency: 12345 * time.Microsecond},
		{Rate: 1e8, Burst: 16 << 10, Latency: 50 * time.Millisecond},
		{Rate: 1e9, Burst: 1 << 20, Latency: time.Millisecond},
		{Rate: 1e10, Burst: 1 << 24, Latency: 2 * time.Second},
		{Rate: maxRate, Burst: 1 << 16, Latency: 900 * time.Millisecond},
	} {
		must(t, left.SetTBF("left0", tbf))
		netnstest.Output(t, right.NS, fmt.Sprintf("tc qdisc replace dev right0 root tbf rate %dbit burst %d latency %dus",
			tbf.Rate, tbf.Burst, tbf.Latency.Microseconds()))
		got, want := qdisc(t, left.NS, "left0"), qdisc(t, right.NS, "right0")
		if got.Kind != "tbf" || got.Options != want.Options || !got.shows(tbf) {
			t.Errorf("SetTBF(%+v): tc shows %+v, and for its own %+v", tbf, got, want)
		}
	}
}

// shows allows for the whole microseconds in which tc(8) thinks.
func (d discipline) shows(tbf rtnl.TBF) bool {
	microsecond := d.Options.Rate / 1e6 // In bytes.
	return d.Options.Rate == float64(tbf.Rate/8) &&
		math.Abs(d.Options.Burst-float64(tbf.Burst)) <= microsecond+1 &&
		math.Abs(d.Options.Latency-float64(tbf.Latency.Microseconds())) <= 1+1/microsecond
}

func TestSetTBFReplaces(t *testing.T) {
	left, _ := pair(t)
	netnstest.Output(t, left.NS, "tc qdisc replace dev left0 root pfifo limit 7")
	must(t, left.SetUp("left0"), left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600}))
	first := qdisc(t, left.NS, "left0")
	must(t, left.SetTBF("left0", rtnl.TBF{Rate: 2e6, Burst: 3200, Latency: time.Millisecond}))
	second := qdisc(t, left.NS, "left0")
	if first.Kind != "tbf" || first.Options.Rate != 1e6/8 || second.Options.Rate != 2e6/8 {
		t.Errorf("tc shows %+v, then %+v", first, second)
	}
	if n := strings.Count(netnstest.Output(t, left.NS, "tc qdisc show dev left0"), "\n"); n != 1 {
		t.Errorf("%d queueing disciplines, want one", n)
	}
}

func TestSetTBFRefused(t *testing.T) {
	left, _ := pair(t)
	good := rtnl.TBF{Rate: 1e6, Burst: 1600, Latency: time.Millisecond}
	must(t, left.SetTBF("left0", good))
	before := qdisc(t, left.NS, "left0")
	for _, c := range []struct {
		tbf  rtnl.TBF
		want string
	}{
		{rtnl.TBF{Burst: 1600}, "rate 0 bit/s is not between 8 and 34359738360"},
		{rtnl.TBF{Rate: 7, Burst: 1600}, "rate 7 bit/s is not between"},
		{rtnl.TBF{Rate: maxRate + 8, Burst: 1600}, "rate 34359738368 bit/s is not between"},
		{rtnl.TBF{Rate: math.MaxUint64, Burst: 1600}, "is not between"},
		{rtnl.TBF{Rate: 1e6}, "burst 0"},
		{rtnl.TBF{Rate: 1e6, Burst: 1600, Latency: -1}, "latency -1ns"},
		{rtnl.TBF{Rate: 8, Burst: 16 << 10}, "too long a queue"},
		{rtnl.TBF{Rate: 34e9, Burst: 1600, Latency: 5 * time.Second}, "too long a queue"},
		{rtnl.TBF{Rate: maxRate, Burst: 1600, Latency: math.MaxInt64}, "too long a queue"},
		{rtnl.TBF{Rate: 1e9, Burst: math.MaxUint32, Latency: time.Second}, "too long a queue"},
	} {
		refused(t, left.SetTBF("left0", c.tbf), nil, "set tbf on left0", c.want)
	}
	refused(t, left.SetTBF("nope0", good), unix.ENODEV, "set tbf on nope0")
	if after := qdisc(t, left.NS, "left0"); after != before {
		t.Errorf("what was refused changed %+v to %+v", before, after)
	}
}
