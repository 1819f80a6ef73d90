package bench

import "fmt"

// Verdict compares what all paths carried together with what one did.
type Verdict struct {
	Direction Direction `json:"direction"`
	Aggregate float64   `json:"aggregate"` // goodput of all
	Single    float64   `json:"single"`    // of what it is compared with
	Ratio     float64   `json:"ratio"`
	// Against is what Single is: the best path, measured alone; or the busiest
	// subflow or path of the same test, which says nothing of what that path could
	// have carried alone.
	Against string `json:"against"`
	Place   Place  `json:"place"` // which one that is
	Text    string `json:"text"`
}

// What a Verdict is against.
const (
	againstBest    = "best path"
	againstSubflow = "the busiest subflow"
	againstPath    = "the busiest path"
)

// judge draws the conclusions.
func (r *Result) judge() {
	if r.Latency != nil {
		return
	}
	for _, d := range []Direction{Upload, Download} {
		if f := r.flow(d); f != nil && f.Goodput != nil {
			if v := r.compare(d, f); v != nil {
				r.Verdicts = append(r.Verdicts, *v)
			}
		}
	}
}

func (r *Result) flow(d Direction) *Flow {
	if d == Upload {
		return r.Upload
	}
	return r.Download
}

func (r *Result) compare(d Direction, f *Flow) *Verdict {
	v := &Verdict{Direction: d, Aggregate: *f.Goodput}
	if best := r.best(d); best != nil {
		v.Single, v.Against, v.Place = *best.goodput(d), againstBest, best.Place
	} else if len(f.Paths) > 0 && f.Paths[0].Goodput != nil {
		v.Single, v.Against, v.Place = *f.Paths[0].Goodput, againstPath, f.Paths[0].Place
		if f.Paths[0].Subflows == 1 {
			v.Against = againstSubflow
		}
	}
	if v.Single <= 0 {
		return nil
	}
	v.Ratio = v.Aggregate / v.Single
	v.Text = fmt.Sprintf("aggregate %.1f Mbit/s = %.2f × %s", v.Aggregate/1e6, v.Ratio, v.Against)
	if r.Test.Direction == Both {
		v.Text = string(d) + ": " + v.Text
	}
	if n := r.missing(d); n > 0 && v.Against == againstBest {
		v.Text += fmt.Sprintf(" of those measured: %d could not be", n)
	}
	return v
}

// best is the path that carried most alone, nil when none was measured.
func (r *Result) best(d Direction) (best *AlonePath) {
	for _, p := range r.Alone {
		if g := p.goodput(d); g != nil && (best == nil || *g > *best.goodput(d)) {
			best = p
		}
	}
	return best
}

func (r *Result) missing(d Direction) (n int) {
	for _, p := range r.Alone {
		if p.goodput(d) == nil {
			n++
		}
	}
	return n
}
