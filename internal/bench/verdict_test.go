package bench

import (
	"net/netip"
	"testing"
	"time"
)

// TestBestPath compares with each path alone, where they differ.
func TestBestPath(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 40e6, 10e6), &Server{})
	r := n.measure(func(o *Options) { o.PathTime, o.Params.Duration = 700*time.Millisecond, 700*time.Millisecond })
	if len(r.Alone) != 2 || len(r.Verdicts) != 1 {
		t.Fatalf("%d paths alone, verdicts %v", len(r.Alone), r.Verdicts)
	}
	for _, p := range r.Alone {
		most := map[string]float64{"red-client": 40e6, "blue-client": 10e6}[p.Interface]
		// The kernel's token bucket lets a burst through at the beginning.
		if p.Upload == nil || *p.Upload > 1.1*most || *p.Upload < most/2 || p.Error != "" {
			t.Errorf("%+v alone, of %v: %v", p.Place, most, p.Upload)
		}
	}
	v := r.Verdicts[0]
	if v.Against != againstBest || v.Place.Interface != "red-client" || v.Aggregate != *r.Upload.Goodput ||
		v.Ratio != v.Aggregate/v.Single || v.Ratio > 1.5 {
		t.Errorf("verdict %+v", v)
	}
}

func TestVerdict(t *testing.T) {
	rate := func(r float64) *float64 { return &r }
	place := Place{Client: netip.MustParseAddr("10.0.0.2"), Server: netip.MustParseAddr("10.0.0.1")}
	flow := &Flow{Goodput: rate(187.3e6), Paths: []Path{{Place: place, Subflows: 1, Goodput: rate(96.5e6)}}}
	for _, test := range []struct {
		want   string
		change func(*Result)
	}{
		{"aggregate 187.3 Mbit/s = 1.94 × the busiest subflow", func(*Result) {}},
		{"aggregate 187.3 Mbit/s = 1.94 × the busiest path", func(r *Result) { r.Upload.Paths[0].Subflows = 2 }},
		{"aggregate 187.3 Mbit/s = 1.97 × best path", func(r *Result) {
			r.Alone = []*AlonePath{{Upload: rate(20e6)}, {Upload: rate(95e6)}}
		}},
		{"aggregate 187.3 Mbit/s = 1.97 × best path of those measured: 1 could not be", func(r *Result) {
			r.Alone = []*AlonePath{{Upload: rate(95e6)}, {Error: "connection refused"}}
		}},
		{"aggregate 187.3 Mbit/s = 1.94 × the busiest subflow", func(r *Result) { r.Alone = []*AlonePath{{Error: "refused"}} }},
		{"upload: aggregate 187.3 Mbit/s = 1.94 × the busiest subflow", func(r *Result) { r.Test.Direction = Both }},
		{"", func(r *Result) { r.Upload.Goodput = nil }},
		{"", func(r *Result) { r.Upload.Paths = nil }},
		{"", func(r *Result) { r.Latency = new(Times) }},
	} {
		copied := *flow
		copied.Paths = []Path{flow.Paths[0]}
		r := &Result{Test: Params{Direction: Upload}, Upload: &copied}
		test.change(r)
		r.judge()
		got := ""
		if len(r.Verdicts) > 0 {
			got = r.Verdicts[0].Text
		}
		if got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
