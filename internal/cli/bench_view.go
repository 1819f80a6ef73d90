package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"allroads/internal/bench"
)

// benchView renders a test while it runs, and what came of it.
type benchView struct {
	out   *screen
	flags *benchFlags
	size  int // of requests, 0: no latency is measured
}

func (v *benchView) observer() bench.Observer {
	switch {
	case v.flags.json:
		return bench.Observer{}
	case v.flags.ndjson:
		return bench.Observer{Interval: v.line}
	}
	if v.flags.latency {
		v.size = v.flags.size
	}
	return bench.Observer{Connected: v.connected, Interval: v.interval, Alone: v.alone}
}

// line is an interval as a line of JSON.
func (v *benchView) line(i *bench.Interval) {
	v.compact(struct {
		Schema string `json:"schema"`
		*bench.Interval
	}{bench.IntervalSchema, i})
}

func (v *benchView) compact(value any) {
	if v.out.err == nil {
		v.out.err = json.NewEncoder(v.out.file).Encode(value)
	}
}

func (v *benchView) result(r *bench.Result) {
	switch {
	case v.flags.json:
		v.out.json(r)
		return
	case v.flags.ndjson:
		r.Intervals = nil // They were printed.
		v.compact(r)
		return
	}
	if !r.Complete {
		v.out.printf("\n%s\n", v.out.paint(red, "Not to the end. Until then:"))
	}
	v.flow("upload", r, r.Upload)
	v.flow("download", r, r.Download)
	v.latency(r.Latency)
	v.statuses(r)
	for _, p := range r.Alone {
		v.aloneResult(p)
	}
	for _, verdict := range r.Verdicts {
		v.out.printf("%s\n", v.out.paint(bold, verdict.Text))
	}
}

// connected says what the connections became, all in a line where that is the
// same.
func (v *benchView) connected(connections []bench.Connection) {
	first := connections[0]
	same := true
	for _, c := range connections {
		same = same && c.Status == first.Status
	}
	if same && len(connections) > 1 {
		v.out.printf("%d connections to %s: %s\n", len(connections), first.Remote, first.Status)
		return
	}
	for _, c := range connections {
		v.out.printf("connection %d, %s > %s: %s\n", c.Number, c.Local, c.Remote, c.Status)
	}
}

// statuses names connections that are not, or did not stay, MPTCP.
func (v *benchView) statuses(r *bench.Result) {
	for _, c := range r.Connections {
		if !c.MPTCP {
			v.out.printf("connection %d: %s\n", c.Number, c.Status)
		} else if c.ServerStatus != nil && *c.ServerStatus != c.Status {
			v.out.printf("connection %d: %s; the server says: %s\n", c.Number, c.Status, *c.ServerStatus)
		}
	}
}

func (v *benchView) interval(i *bench.Interval) {
	when := fmt.Sprintf("%5.1f-%-5.1f s", i.Began.Seconds(), i.Ended.Seconds())
	if v.size > 0 {
		if i.Download != nil {
			v.out.printf("%s  %d responses\n", when, i.Download.Bytes/uint64(v.size))
		}
		return
	}
	v.part(when, "upload", i.Upload)
	v.part(when, "download", i.Download)
}

func (v *benchView) part(when, direction string, p *bench.Part) {
	if p == nil {
		return
	}
	v.out.printf("%s  %-8s %8.1f Mbit/s\n", when, direction, p.Goodput/1e6)
	v.paths(p.Paths, 0)
}

// alone says which path is being measured.
func (v *benchView) alone(p *bench.AlonePath) {
	if v.out.terminal() {
		v.out.printf("%s\n", v.out.paint(dim, "measuring "+placeText(p.Place, true)+" alone ..."))
	}
}

func (v *benchView) aloneResult(p *bench.AlonePath) {
	text := ""
	if p.Upload != nil {
		text += fmt.Sprintf("  upload %.1f Mbit/s", *p.Upload/1e6)
	}
	if p.Download != nil {
		text += fmt.Sprintf("  download %.1f Mbit/s", *p.Download/1e6)
	}
	if p.Error != "" {
		text += "  not measured: " + p.Error
	}
	v.out.printf("alone: %s%s\n", placeText(p.Place, true), text)
}

func placeText(p bench.Place, server bool) string {
	text := p.Client.String()
	if p.Interface != "" {
		text = p.Interface + " " + text
	}
	if server {
		text += " > " + p.Server.String()
	}
	return text
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}
