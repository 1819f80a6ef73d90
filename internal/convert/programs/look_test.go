package programs

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/recorder"
	"allroads/lab"
	"allroads/trace"
)

// look has allroads look at all connections while both paths are in use: it may be asked,
// and on a busy machine it comes too late by itself. Nothing ends meanwhile.
func (p *play) look(taken *recorder.Recorder, all []*running) {
	p.Helper()
	last := all[len(all)-1]
	if !p.await(last, func() bool {
		report, err := taken.Report(p.Context())
		p.must(err)
		return slices.ContainsFunc(report.Connections, inUse)
	}) {
		p.Errorf("at no time were both paths in use: %+v", last.end())
		return
	}
	p.slow(rate / 5)
	defer p.slow(rate)
	for _, r := range all {
		if r.report == "" {
			continue
		}
		p.must(r.Process.Signal(unix.SIGUSR1))
		if !p.await(r, r.said) {
			p.Errorf("%s: no report when it is asked for: %+v", r.command, r.end())
		}
	}
}

// await waits until something is so, while a program runs.
func (p *play) await(r *running, so func() bool) bool {
	p.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) || r.hasExited() {
			return false
		}
	}
	return true
}

func (p *play) slow(to lab.Rate) {
	p.Helper()
	for _, name := range []string{"red", "blue"} {
		p.must(p.network.Link(name).Set(lab.Impairment{Rate: to}))
	}
}

func inUse(c trace.Connection) bool {
	return len(c.Subflows) == 2 && !slices.ContainsFunc(c.Subflows, func(s trace.Subflow) bool {
		return !s.Established || s.ToServer.Bytes+s.ToClient.Bytes < 10_000
	})
}
