package rtnl_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/rtnl"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

const tcNetem = "tc qdisc replace dev veth0 root netem "

// netems are Netems and what tc(8) calls them.
var netems = []struct {
	words string
	netem rtnl.Netem
}{
	{"reorder 0% rate 0bit", rtnl.Netem{}},
	{"reorder 0% delay 20ms rate 0bit", rtnl.Netem{Delay: 20 * time.Millisecond}},
	{"reorder 0% delay 20ms 5ms loss 1% rate 0bit",
		rtnl.Netem{Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.01}},
	{"reorder 0% delay 20000001ns 333ns rate 0bit", rtnl.Netem{Delay: 20_000_001, Jitter: 333}},
	{"reorder 0% delay 3600s 2147483647ns rate 0bit", rtnl.Netem{Delay: time.Hour, Jitter: math.MaxInt32}},
	{"reorder 0% loss 0.3% limit 4294967295 rate 0bit", rtnl.Netem{Loss: 0.003, Limit: math.MaxUint32}},
	{"reorder 0% loss 100% limit 5 rate 0bit", rtnl.Netem{Loss: 1, Limit: 5}},
	{"reorder 0% loss gemodel 1% 10% 70% 0.1% rate 0bit", rtnl.Netem{Burst: burst}},
	{"reorder 0% loss gemodel 1% 10% 100% 0% rate 0bit",
		rtnl.Netem{Burst: rtnl.GilbertElliott{P: 0.01, R: 0.1, LossBad: 1}}},
	{"reorder 0% loss gemodel 0.7% 33.3% 0% 12.5% rate 0bit",
		rtnl.Netem{Burst: rtnl.GilbertElliott{P: 0.007, R: 0.333, LossGood: 0.125}}},
	{"delay 10ms reorder 25% rate 0bit", rtnl.Netem{Delay: 10 * time.Millisecond, Reorder: 0.25}},
	{"reorder 0% duplicate 2% rate 0bit", rtnl.Netem{Duplicate: 0.02}},
	{"reorder 0% rate 8bit", rtnl.Netem{Rate: 8}},
	{"reorder 0% rate 15bit", rtnl.Netem{Rate: 15}},
	{"reorder 0% rate 1mbit", rtnl.Netem{Rate: 1e6}},
	{"reorder 0% rate 34359738360bit", rtnl.Netem{Rate: maxRate}},
	{"reorder 0% rate 34359738368bit", rtnl.Netem{Rate: maxRate + 8}},
	{"delay 20ms 5ms loss 1% duplicate 0.5% reorder 3% rate 10mbit limit 100 seed 18446744073709551615",
		rtnl.Netem{Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.01, Duplicate: 0.005,
			Reorder: 0.03, Rate: 1e7, Limit: 100, Seed: math.MaxUint64}},
	{"delay 200ms loss gemodel 1% 10% 70% 0.1% duplicate 100% reorder 99.9% rate 50gbit seed 42",
		rtnl.Netem{Delay: 200 * time.Millisecond, Burst: burst, Duplicate: 1, Reorder: 0.999, Rate: 5e10, Seed: 42}},
}

var burst = rtnl.GilbertElliott{P: 0.01, R: 0.1, LossBad: 0.7, LossGood: 0.001}

// TestNetemAsTC compares what SetNetem sends with what tc(8) has sent.
func TestNetemAsTC(t *testing.T) {
	if cpu.IsBigEndian {
		t.Skip("tc was recorded on a little-endian machine")
	}
	recorded := recordedNetems(t)
	for _, c := range netems {
		want, ok := recorded[c.words]
		got, err := c.netem.Options()
		if err != nil || !ok || !bytes.Equal(got, want) {
			t.Errorf("%+v is encoded as %x, %v\ntc sends          %x for %s", c.netem, got, err, want, c.words)
		}
		delete(recorded, c.words)
	}
	for words := range recorded {
		t.Errorf("recorded, but not compared: %s", words)
	}
}

// recordedNetems reads the messages in testdata.
func recordedNetems(t *testing.T) map[string][]byte {
	file, err := os.ReadFile("testdata/netem.txt")
	must(t, err)
	recorded := map[string][]byte{}
	for _, block := range strings.Split(strings.TrimSpace(string(file)), "\n\n")[1:] {
		command, digits, _ := strings.Cut(block, "\n")
		recorded[strings.TrimPrefix(command, tcNetem)], err = hex.DecodeString(digits)
		must(t, err)
	}
	return recorded
}

func TestSetNetemRefused(t *testing.T) {
	left, _ := pair(t)
	must(t, left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600}))
	before := qdisc(t, left.NS, "left0")
	const ms = time.Millisecond
	for _, c := range []struct {
		netem rtnl.Netem
		want  string
	}{
		{rtnl.Netem{Delay: -1}, "delay -1ns is not between 0 and 1h0m0s"},
		{rtnl.Netem{Delay: time.Hour + 1}, "is not between 0 and 1h0m0s"},
		{rtnl.Netem{Delay: ms, Jitter: -1}, "jitter -1ns is not between 0 and 1ms"},
		{rtnl.Netem{Delay: ms, Jitter: ms + 1}, "jitter 1.000001ms is not between 0 and 1ms"},
		{rtnl.Netem{Delay: time.Hour, Jitter: math.MaxInt32 + 1}, "is not between 0 and 2.147483647s"},
		{rtnl.Netem{Rate: 7}, "rate 7 bit/s is neither 0, for no limit, nor 8 or more"},
		{rtnl.Netem{Loss: 0.1, Burst: burst}, "loss and burst: netem does either, not both"},
		{rtnl.Netem{Reorder: 0.1}, "reorder without a delay"},
		{rtnl.Netem{Loss: 1.01}, "loss 1.01 is not between 0 and 1"},
		{rtnl.Netem{Loss: -0.01}, "loss -0.01 is not"},
		{rtnl.Netem{Loss: math.NaN()}, "loss NaN is not"},
		{rtnl.Netem{Duplicate: math.Inf(1)}, "duplicate +Inf is not"},
		{rtnl.Netem{Delay: ms, Reorder: 2}, "reorder 2 is not"},
		{rtnl.Netem{Burst: rtnl.GilbertElliott{P: 2}}, "burst p 2 is not"},
		{rtnl.Netem{Burst: rtnl.GilbertElliott{R: -1}}, "burst r -1 is not"},
		{rtnl.Netem{Burst: rtnl.GilbertElliott{LossBad: 2}}, "burst loss while bad 2 is not"},
		{rtnl.Netem{Burst: rtnl.GilbertElliott{LossGood: math.NaN()}}, "burst loss while good NaN is not"},
	} {
		refused(t, left.SetNetem("left0", c.netem), nil, "set netem on left0", c.want)
	}
	refused(t, left.SetNetem("nope0", rtnl.Netem{}), unix.ENODEV, "set netem on nope0")
	if after := qdisc(t, left.NS, "left0"); after != before {
		t.Errorf("what was refused changed %+v to %+v", before, after)
	}
}

// TestNoNetem is of kernels without netem.
func TestNoNetem(t *testing.T) {
	left, _ := pair(t)
	has, err := left.HasQdisc("netem")
	if must(t, err); has {
		t.Skip("this kernel has netem")
	}
	must(t, left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600}))
	before := qdisc(t, left.NS, "left0")
	for _, netem := range []rtnl.Netem{{}, {Seed: 1}} {
		refused(t, left.SetNetem("left0", netem), unix.ENOENT,
			"set netem on left0: Specified qdisc kind is unknown", "load the kernel module sch_netem")
	}
	if after := qdisc(t, left.NS, "left0"); after != before {
		t.Errorf("a refusal changed %+v to %+v", before, after)
	}
}
