package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"allroads/internal/bench"
	"allroads/lab"
	"allroads/mptcp"
)

// parse makes options of a command line.
func (b *benchFlags) parse(changed func(string) bool, args []string) (o bench.Options, err error) {
	switch {
	case len(args) == 0:
		return o, errors.New("missing HOST")
	case len(args) > 1:
		return o, fmt.Errorf("unexpected argument %q", args[1])
	case args[0] == "":
		return o, errors.New("HOST is empty")
	}
	if err := b.check(changed); err != nil {
		return o, err
	}
	o = bench.Options{Host: args[0], Port: b.port, Timeout: b.timeout.Duration, Wait: b.wait.Duration,
		Subflows: b.subflows, RequireMPTCP: b.requireMPTCP, Interval: b.interval.Duration}
	if o.Params, err = b.params(changed); err != nil {
		return o, err
	}
	if b.bestPath {
		o.PathTime = b.pathTime.Duration
	}
	if b.source != "" {
		o.Source = sourceOf(b.source)
	}
	for _, from := range b.race {
		o.Race = append(o.Race, sourceOf(from))
	}
	return o, nil
}

// sourceOf is an address or, as everything else, an interface.
func sourceOf(text string) mptcp.Source {
	if at, err := netip.ParseAddr(text); err == nil {
		return mptcp.Source{Addr: at}
	}
	return mptcp.Source{Interface: text}
}

func (b *benchFlags) params(changed func(string) bool) (p bench.Params, err error) {
	p = bench.Params{Mode: bench.Throughput, Direction: bench.Upload, Connections: b.parallel,
		Duration: b.time.Duration, Discard: b.discard}
	switch {
	case b.latency:
		p.Mode, p.Size, p.Rate = bench.Latency, b.size, b.rate
	case b.failover:
		p.Mode = bench.Failover
	}
	switch {
	case b.reverse:
		p.Direction = bench.Download
	case b.both:
		p.Direction = bench.Both
	}
	if b.bytes != "" {
		bytes, err := lab.ParseBytes(b.bytes)
		if err != nil {
			return p, fmt.Errorf("--bytes %w", err)
		}
		if bytes == 0 {
			return p, errors.New("--bytes 0: nothing to measure")
		}
		p.Bytes = uint64(bytes)
		if !changed("time") {
			p.Duration = 0
		}
	}
	return p, p.Check()
}

// check finds what cannot be meant.
func (b *benchFlags) check(changed func(string) bool) error {
	conflicts := []struct {
		wrong bool
		text  string
	}{
		{b.reverse && b.both, "--reverse and --both: one or the other"},
		{b.latency && b.failover, "--latency and --failover: one or the other"},
		{b.latency && (b.reverse || b.both), "--latency goes both ways as it is"},
		{b.latency && changed("bytes"), "--latency with --bytes: it is measured for a time"},
		{b.latency && b.bestPath, "--latency with --best-path: only goodput is compared"},
		{b.latency && b.discard, "--latency with --discard: responses are read"},
		{!b.latency && changed("size"), "--size without --latency: it is that of requests"},
		{!b.latency && changed("rate"), "--rate without --latency: it is that of requests"},
		{!b.bestPath && changed("path-time"), "--path-time without --best-path"},
		{changed("path-time") && b.pathTime.Duration == 0, "--path-time 0: not a time span above 0"},
		{changed("time") && b.time.Duration == 0, "-t 0: not a time span above 0"},
		{b.json && b.ndjson, "--json and --ndjson: one or the other"},
		{changed("source") && changed("race"), "-B and --race: one or the other"},
		{changed("bytes") && b.bytes == "", "--bytes: no number"},
		{b.subflows < 0, "--subflows: a number below 0"},
		{b.port == 0, "-p 0: nobody listens there"},
		{b.timeout.Duration == 0, "--timeout 0: not a time span above 0"},
		{b.interval.Duration > 0 && b.interval.Duration < shortestInterval, "--interval: not shorter than 10ms"},
	}
	for _, c := range conflicts {
		if c.wrong {
			return errors.New(c.text)
		}
	}
	return nil
}

const shortestInterval = 10 * time.Millisecond
