package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"allroads/internal/recorder"
	"allroads/lab"
)

// Options say what a scenario does beside its steps. The zero value is usable.
type Options struct {
	Pcap     io.Writer // where the packets go as pcapng, nil: nowhere
	Observer Observer
}

// Observer is told what happens while it happens, one thing at a time. Its
// functions may be nil.
type Observer struct {
	Begins func(Step)      // a step begins
	Ended  func(Step)      // a step has ended, or will not begin any more
	Judged func(Judgement) // an expectation was judged

	// Traffic is told now and then what each link that is captured carried since
	// the last time.
	Traffic func(now time.Duration, links []Traffic)
}

const (
	defaultTimeout = time.Minute

	// quiet is how long no packet has to come before connections that stay open
	// are not waited for any more.
	quiet = 500 * time.Millisecond
)

// player is a scenario that is being played.
type player struct {
	network  *lab.Lab
	scenario *lab.Scenario
	observer Observer
	began    time.Time
	steps    []*step
	recorder *recorder.Recorder
	servers  servers

	observing sync.Mutex
	judged    []Judgement // guarded by observing
}

// Play plays the scenario of a lab that is up, and reports what came of it. When
// it returns, nothing that it started is left. The error is for what could not be
// done: there is no scenario, the packets cannot be captured or written, ctx has
// ended. What was expected and is not so is in the report.
func Play(ctx context.Context, network *lab.Lab, o Options) (*Report, error) {
	p := &player{network: network, scenario: network.Topology.Scenario, observer: o.Observer}
	if p.scenario == nil {
		return nil, fmt.Errorf("play scenario: topology %s has none", network.Topology.Name)
	}
	report, err := p.play(ctx, o.Pcap)
	if err != nil {
		return nil, fmt.Errorf("play scenario of %s: %w", network.Topology.Name, err)
	}
	return report, nil
}

func (p *player) play(ctx context.Context, pcap io.Writer) (_ *Report, err error) {
	host := p.captureHost()
	if p.recorder, err = recorder.Start(p.network, host, recorder.Options{Pcap: pcap}); err != nil {
		return nil, err
	}
	p.began = time.Now()
	p.prepare()
	inTime := p.playObserved(ctx)
	p.end()
	if inTime {
		p.recorder.AwaitClose(ctx, quiet)
	}
	packets, err := p.recorder.Finish()
	if err := errors.Join(context.Cause(ctx), err); err != nil {
		return nil, err
	}
	at := p.now()
	for _, expectation := range p.scenario.Expect {
		p.note(p.judge(expectation, packets, 0, at))
	}
	return p.report(host, packets), nil
}

// captureHost is where the packets are taken: where the scenario says, or at the
// first host that sends, or at the first with links.
func (p *player) captureHost() string {
	if p.scenario.Capture != "" {
		return p.scenario.Capture
	}
	for _, step := range p.scenario.Steps {
		if step.Send != nil {
			return step.Send.From
		}
	}
	for _, host := range p.network.Topology.Hosts {
		for _, link := range p.network.Topology.Links {
			if slices.ContainsFunc(link.Ends, func(end lab.EndConfig) bool { return end.Host == host.Name }) {
				return host.Name
			}
		}
	}
	return p.network.Topology.Hosts[0].Name
}

// playObserved plays the steps while somebody is told of the traffic.
func (p *player) playObserved(ctx context.Context) (inTime bool) {
	watched, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	if p.observer.Traffic != nil {
		watching.Go(func() { p.observeTraffic(watched) })
	}
	inTime = p.playSteps(ctx)
	stop()
	watching.Wait()
	return inTime
}

// playSteps returns when all steps have ended, and whether they did before the
// timeout.
func (p *player) playSteps(ctx context.Context) (inTime bool) {
	timeout := cmp.Or(p.scenario.Timeout, defaultTimeout)
	ctx, cancel := context.WithDeadlineCause(ctx, p.began.Add(timeout), errTimedOut)
	defer cancel()
	var all sync.WaitGroup
	for i := range p.steps {
		all.Go(func() { p.playStep(ctx, i) })
	}
	all.Wait()
	return ctx.Err() == nil
}

var errTimedOut = errors.New("timed out")

// end ends what steps have left running.
func (p *player) end() {
	for _, s := range p.steps {
		if command, ok := s.action.(*command); ok {
			command.end()
		}
	}
	p.servers.close()
}

// now is the time since the scenario began.
func (p *player) now() time.Duration { return time.Since(p.began) }

// note keeps a judgement and tells the observer.
func (p *player) note(j Judgement) {
	p.observing.Lock()
	defer p.observing.Unlock()
	p.judged = append(p.judged, j)
	if p.observer.Judged != nil {
		p.observer.Judged(j)
	}
}

func (p *player) tell(observer func(Step), s Step) {
	p.observing.Lock()
	defer p.observing.Unlock()
	if observer != nil {
		observer(s)
	}
}
