package bench

import (
	"context"
	"net/netip"
	"time"

	"allroads/mptcp"
)

// AlonePath is a path that was measured alone: plain TCP between the addresses
// that a test's subflows were between, as many connections as the test had.
type AlonePath struct {
	Place
	Upload   *float64 `json:"upload"` // goodput, bits per second
	Download *float64 `json:"download"`
	Error    string   `json:"error,omitempty"`
}

func (p *AlonePath) goodput(d Direction) *float64 {
	if d == Upload {
		return p.Upload
	}
	return p.Download
}

// again is how long the server may be busy with the end of the test before.
const again = 10 * time.Second

// measureAlone measures each path that a test used.
func measureAlone(ctx context.Context, o *Options, r *Result) error {
	for _, place := range r.places() {
		path := &AlonePath{Place: place}
		if o.Observer.Alone != nil {
			o.Observer.Alone(path)
		}
		path.measure(ctx, o, r.Server.Port())
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.Alone = append(r.Alone, path)
	}
	return nil
}

// places are those between which data went in either direction.
func (r *Result) places() (list []Place) {
	seen := map[Place]bool{}
	for _, f := range []*Flow{r.Upload, r.Download} {
		if f == nil {
			continue
		}
		for _, p := range f.Paths {
			if p.Bytes > 0 && !seen[p.Place] {
				seen[p.Place] = true
				list = append(list, p.Place)
			}
		}
	}
	return list
}

func (p *AlonePath) measure(ctx context.Context, o *Options, port uint16) {
	alone := Options{plain: true, at: netip.AddrPortFrom(p.Server, port), Wait: again, Timeout: o.Timeout,
		Source: mptcp.Source{Addr: p.Client, Interface: p.Interface}, Params: o.Params}
	alone.Params.Mode, alone.Params.Bytes, alone.Params.Duration = Throughput, 0, o.PathTime
	result, err := Run(ctx, alone)
	if err != nil {
		p.Error = err.Error()
		return
	}
	if result.Upload != nil {
		p.Upload = result.Upload.Goodput
	}
	if result.Download != nil {
		p.Download = result.Download.Goodput
	}
}
