package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/trace"
)

// journey is a transfer over impaired paths.
type journey struct {
	name    string
	links   [2]lab.Impairment
	lasts   time.Duration
	happens func(*lab.Lab) error // meanwhile

	mayStand bool // a subflow may stand still for a second, so much is lost
}

// travelled is what came of a journey.
type travelled struct {
	reports [2]*trace.Report
	reads   []read
	err     error
}

// read is when the application got data.
type read struct {
	at    time.Time
	bytes int
}

func (j *journey) travel() (w *travelled) {
	for range 3 {
		w = &travelled{}
		if w.err = j.do(w); !errors.Is(w.err, errLost) {
			break
		}
	}
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
	err = errors.Join(<-sent, <-happened)
	return errors.Join(err, p.conns[server].Close(), p.conns[client].Close())
}

func (j *journey) write(p *pair) error {
	block := make([]byte, 16<<10)
	for end := time.Now().Add(j.lasts); time.Now().Before(end); {
		if _, err := p.conns[client].Write(block); err != nil {
			return err
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

// impaired is a link of a journey.
func impaired(rate lab.Rate, delay time.Duration, loss lab.Percent) lab.Impairment {
	return lab.Impairment{Rate: rate, Delay: delay, Loss: loss}
}

// healthy are paths that are slow, lossy or unequal, and work.
var healthy = []*journey{
	{name: "fast", links: both2(impaired(50e6, time.Millisecond, 0))},
	{name: "lossy", links: both2(impaired(10e6, 20*time.Millisecond, 1))},
	{name: "very lossy", links: both2(impaired(50e6, 10*time.Millisecond, 5)), mayStand: true},
	{name: "far", links: both2(impaired(10e6, 100*time.Millisecond, 0))},
	{name: "very far", links: both2(impaired(20e6, 200*time.Millisecond, 0))},
	{name: "slow", links: both2(impaired(2e6, 5*time.Millisecond, 0))},
	{name: "unequal", links: [2]lab.Impairment{impaired(10e6, 10*time.Millisecond, 0), impaired(5e6, 50*time.Millisecond, 0)}},
	{name: "very unequal, lossy", links: [2]lab.Impairment{impaired(10e6, 100*time.Millisecond, 1), impaired(2e6, 500*time.Millisecond, 1)}},
	{name: "slow, very far", links: both2(impaired(1e6, 200*time.Millisecond, 0))},
	{name: "full queues", links: both2(lab.Impairment{Rate: 5e6, Delay: 10 * time.Millisecond, Queue: 400})},
	{name: "jitter", links: both2(lab.Impairment{Rate: 10e6, Delay: 40 * time.Millisecond, Jitter: 10 * time.Millisecond})},
}

func both2(i lab.Impairment) [2]lab.Impairment { return [2]lab.Impairment{i, i} }

// TestHealthyPaths: no path is taken for dead, and no middlebox is blamed, where paths
// are only slow.
func TestHealthyPaths(t *testing.T) {
	for i, w := range travelAll(t, healthy, 1500*time.Millisecond) {
		for side := range hosts {
			c, where := &w.reports[side].Connections[0], healthy[i].name+", seen at the "+hosts[side]
			if c.Conclusion.Handover != nil && !(healthy[i].mayStand && stoodStill(c)) || c.Conclusion.Kind != trace.KindMultipath {
				t.Errorf("%s: %s", where, c.Conclusion.Text)
			}
			for _, f := range c.Conclusion.Findings {
				t.Errorf("%s: %s", where, f.Text)
			}
			if c.ToServer.Bytes != w.bytes() {
				t.Errorf("%s: %d bytes, %d were read", where, c.ToServer.Bytes, w.bytes())
			}
		}
	}
}

// stoodStill reports whether a handover is from a subflow on which nothing was
// acknowledged for a second, as the packets say. Where one packet in twenty is lost, and
// what TCP sends again too, that comes to pass on a path that works.
func stoodStill(c *trace.Connection) bool {
	h := c.Conclusion.Handover
	flow := &c.Subflows[h.Before-1]
	return h.Because == "stale" && max(flow.ToServer.Stale.Longest, flow.ToClient.Stale.Longest) >= int64(time.Second)
}

// cut has the first path die after a second.
func cut(how func(*lab.Link) error) func(*lab.Lab) error {
	return func(n *lab.Lab) error {
		time.Sleep(time.Second)
		return how(n.Link(linkName(0)))
	}
}

func swallow(l *lab.Link) error { return l.Set(impaired(0, 0, 100)) }

// dead are journeys on which the first path dies: its interfaces go down, or all packets
// on it are lost, which nobody is told.
var dead = []*journey{
	{name: "down", links: both2(impaired(20e6, 20*time.Millisecond, 0)), happens: cut((*lab.Link).Down)},
	{name: "black hole", links: both2(impaired(20e6, 20*time.Millisecond, 0)), happens: cut(swallow)},
	{name: "slow, down", links: both2(impaired(2e6, 20*time.Millisecond, 0)), happens: cut((*lab.Link).Down)},
	{name: "slow, black hole", links: both2(impaired(2e6, 20*time.Millisecond, 0)), happens: cut(swallow)},
}

// tolerance is by how much the gap in the packets may differ from the one that the
// receiver saw, besides a round trip: where this machine was busy, and since a program
// reads what is there, not each packet.
const tolerance = 300 * time.Millisecond

// TestHandoverLikeReceiver holds the handover that packets show to what the receiving
// program saw.
func TestHandoverLikeReceiver(t *testing.T) {
	for i, w := range travelAll(t, dead, 3*time.Second) {
		at, gap := w.gap()
		for side := range hosts {
			c, where := &w.reports[side].Connections[0], dead[i].name+", seen at the "+hosts[side]
			h := c.Conclusion.Handover
			if h == nil {
				t.Errorf("%s: no handover, the receiver waited for %v at %v: %+v", where, gap, at, c.ToServer.Stall)
				continue
			}
			t.Logf("%s: %s, %v for the receiver", where, h, gap)
			if h.Before != 1 || h.After != 2 || h.To != "server" {
				t.Errorf("%s: %+v", where, h)
			}
			if off := time.Duration(h.Duration) - gap; off.Abs() > tolerance {
				t.Errorf("%s: %s, but the receiver waited for %v", where, h, gap)
			}
		}
	}
}

// travelAll goes on journeys at the same time, on which the client writes for so long.
func travelAll(t *testing.T, journeys []*journey, lasts time.Duration) []*travelled {
	t.Helper()
	netnstest.Require(t)
	all := make([]*travelled, len(journeys))
	var group sync.WaitGroup
	for i, j := range journeys {
		j.lasts = lasts
		group.Go(func() { all[i] = j.travel() })
	}
	group.Wait()
	for i, w := range all {
		if w.err != nil {
			t.Fatalf("%s: %v", journeys[i].name, w.err)
		}
	}
	return all
}

// bytes is what the receiver read.
func (w *travelled) bytes() uint64 {
	sum := uint64(1) // to begin with
	for _, r := range w.reads {
		sum += uint64(r.bytes)
	}
	return sum
}
