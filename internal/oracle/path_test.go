package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"testing"
	"time"

	"allroads/lab"
	"allroads/trace"
)

// journey is a transfer over impaired paths.
type journey struct {
	name    string
	links   [2]lab.Impairment
	lasts   time.Duration
	rate    int                         // bytes per second that the client writes; 0: as many as it can
	happens func(*lab.Lab) error // meanwhile
}

// travelled is what came of a journey.
type travelled struct {
	reports [2]*trace.Report
	reads   []read
	start, end  time.Time
	err     error
}

// read is when the application got data.
type read struct {
	at    time.Time
	bytes int
}

func (j *journey) travel() *travelled {
	w := &travelled{}
	w.err = j.do(w)
	return w
}

func (j *journey) do(w *travelled) (err error) {
	topology := paths(2, false)
	topology.Seed = 42
	for i := range topology.Links {
		topology.Links[i].Impairment, topology.Links[i].MTU = j.links[i], 1500
	}
	joins(topology, client, 1, false)
	network, err := lab.Up(context.Background(), topology, lab.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	s := &stage{network: network}
	if s.listener, err = listen(network.Host(hosts[server]), netip.AddrPortFrom(netip.IPv4Unspecified(), port)); err != nil {
		return err
	}
	defer s.listener.Close()
	r := &recording{scene: &scene{name: j.name}}
	stop, err := r.capture(network)
	if err != nil {
		return err
	}
	err = j.transfer(s, w)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	for side := range hosts {
		links, packets, err := readCapture(r.files[side])
		if err != nil {
			return err
		}
		w.reports[side] = analyze(links, packets)
	}
	return nil
}

func (j *journey) transfer(s *stage, w *travelled) error {
	p, err := s.dial(false)
	if err == nil {
		err = p.subflows(2)
	}
	if err != nil {
		return err
	}
	for _, conn := range p.conns {
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
	}
	happened := make(chan error, 1)
	go func() {
		if j.happens == nil {
			happened <- nil
			return
		}
		happened <- j.happens(s.network)
	}()
	sent := make(chan error, 1)
	go func() { sent <- j.write(p) }()
	w.start = time.Now()
	buffer := make([]byte, 1<<16)
	for {
		n, err := p.conns[server].Read(buffer)
		if n > 0 {
			w.reads = append(w.reads, read{time.Now(), n})
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
	}
	w.end = time.Now()
	err = errors.Join(<-sent, <-happened)
	return errors.Join(err, p.conns[server].Close(), p.conns[client].Close())
}

func (j *journey) write(p *pair) error {
	block := make([]byte, 16<<10)
	if j.rate > 0 {
		block = block[:max(j.rate/100, 1)]
	}
	for end := time.Now().Add(j.lasts); time.Now().Before(end); {
		if _, err := p.conns[client].Write(block); err != nil {
			return err
		}
		if j.rate > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return p.conns[client].CloseWrite()
}

// gap is the longest time between two reads.
func (w *travelled) gap() (at time.Time, gap time.Duration) {
	for i := 1; i < len(w.reads); i++ {
		if d := w.reads[i].at.Sub(w.reads[i-1].at); d > gap {
			at, gap = w.reads[i-1].at, d
		}
	}
	return at, gap
}

func TestMeasure(t *testing.T) {
	ms := time.Millisecond
	imp := func(rate lab.Rate, delay time.Duration, loss lab.Percent) lab.Impairment { return lab.Impairment{Rate: rate, Delay: delay, Loss: loss} }
	var js []*journey
	for _, rate := range []lab.Rate{1e6, 10e6, 50e6} {
		for _, d := range []time.Duration{1*ms, 20*ms, 100*ms, 200*ms} {
			for _, loss := range []lab.Percent{0, 1, 5} {
				a := imp(rate, d, loss)
				b := imp(rate, d, loss)
				js = append(js, &journey{name: fmt.Sprintf("healthy %v %v %v", rate, d, loss), links: [2]lab.Impairment{a, b}, lasts: 3*time.Second})
				b = imp(rate/5, 5*d, loss)
				js = append(js, &journey{name: fmt.Sprintf("unequal %v %v %v", rate, d, loss), links: [2]lab.Impairment{a, b}, lasts: 3*time.Second})
			}
		}
	}
	for _, rate := range []lab.Rate{1e6, 5e6} {
		for _, q := range []int{100, 1000} {
			a := lab.Impairment{Rate: rate, Delay: 10*ms, Queue: q}
			js = append(js, &journey{name: fmt.Sprintf("bloat %v %d", rate, q), links: [2]lab.Impairment{a, a}, lasts: 4*time.Second})
			a.Loss, a.Burst = 3, 8
			js = append(js, &journey{name: fmt.Sprintf("bloat burst %v %d", rate, q), links: [2]lab.Impairment{a, a}, lasts: 4*time.Second})
		}
	}
	for _, jit := range []time.Duration{20*ms, 80*ms} {
		a := lab.Impairment{Rate: 10e6, Delay: 100*ms, Jitter: jit, Loss: 1}
		js = append(js, &journey{name: fmt.Sprintf("jitter %v", jit), links: [2]lab.Impairment{a, a}, lasts: 4*time.Second})
	}
	js = append(js, &journey{name: "trickle", links: [2]lab.Impairment{imp(10e6, 50*ms, 2), imp(10e6, 50*ms, 2)}, lasts: 4*time.Second, rate: 2000})
	measure(t, js)
}

func TestMeasureCuts(t *testing.T) {
	ms := time.Millisecond
	imp := func(rate lab.Rate, delay time.Duration, loss lab.Percent) lab.Impairment { return lab.Impairment{Rate: rate, Delay: delay, Loss: loss} }
	var js []*journey
	for _, rate := range []lab.Rate{1e6, 10e6, 50e6} {
		for _, d := range []time.Duration{1*ms, 20*ms, 100*ms} {
			for _, how := range []string{"down", "hole", "down-healed", "hole-healed"} {
				for path := range 2 {
					for _, paced := range []int{0, 50_000} {
					a := imp(rate, d, 0)
					js = append(js, &journey{name: fmt.Sprintf("%s path%d %v %v paced %d", how, path+1, rate, d, paced), links: [2]lab.Impairment{a, a}, lasts: 4*time.Second, rate: paced,
						happens: func(n *lab.Lab) error {
							time.Sleep(1*time.Second)
							l := n.Link(linkName(path))
							hole := a
							hole.Loss = 100
							var err error
							if how[:4] == "down" { err = l.Down() } else { err = l.Set(hole) }
							if len(how) > 4 {
								time.Sleep(1500*ms)
								if how[:4] == "down" { err = errors.Join(err, l.Up()) } else { err = errors.Join(err, l.Set(a)) }
							}
							return err
						}})
					}
				}
			}
		}
	}
	measure(t, js)
}

func measure(t *testing.T, js []*journey) {
	turns := make(chan struct{}, 12)
	results := make([]chan *travelled, len(js))
	for i, j := range js {
		results[i] = make(chan *travelled, 1)
		go func() {
			turns <- struct{}{}
			results[i] <- j.travel()
			<-turns
		}()
	}
	for i, j := range js {
		w := <-results[i]
		if w.err != nil {
			t.Logf("%-40s ERROR %v", j.name, w.err)
			continue
		}
		at, gap := w.gap()
		t.Logf("%-40s %.1fs app gap %dms at %dms", j.name, w.end.Sub(w.start).Seconds(), gap.Milliseconds(), at.Sub(w.start).Milliseconds())
		for side := range hosts {
			c := &w.reports[side].Connections[0]
			s := c.ToServer.Stall
			t.Logf("    %s: kind %s stall %dms at %dms %d->%d handover %v", hosts[side], c.Conclusion.Kind, s.Duration/1e6, (s.At-w.start.UnixNano())/1e6, s.Before, s.After, c.Conclusion.Handover)
			for _, f := range c.Conclusion.Findings { t.Logf("       finding %s", f.Text) }
			for i := range c.Subflows {
				f := &c.Subflows[i]
				for d, of := range []*trace.Carried{&f.ToServer, &f.ToClient} {
					if of.Stale.Count > 0 {
						t.Logf("       stale subflow %d dir %d: %d longest %dms rtt %d/%d/%d resent %d/%d ended %s", f.ID, d, of.Stale.Count, of.Stale.Longest/1e6, of.RTT.Min/1e6, of.RTT.Average/1e6, of.RTT.Max/1e6, of.Resent, of.Segments, f.Ended)
					}
				}
			}
			for _, ch := range c.Checks { if ch.Status == trace.Bad { t.Logf("       BAD %s: %s", ch.Name, ch.Detail) } }
			if v := w.reports[side].Verdict; !v.Proven { t.Logf("       %s", v) }
		}
	}
}
