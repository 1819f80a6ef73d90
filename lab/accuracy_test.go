package lab_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// BenchmarkAccuracy sends datagrams over a lab's link, and reports by how much what
// the far host's kernel sees differs from what was asked for, with each engine.
func BenchmarkAccuracy(b *testing.B) {
	for _, engine := range []lab.Engine{lab.EngineUserspace, lab.EngineNetem} {
		b.Run(string(engine), func(b *testing.B) {
			for _, delay := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond} {
				measure(b, "delay="+delay.String(), engine, lab.Impairment{Delay: delay}, reportDelay)
			}
			for _, loss := range []lab.Percent{1, 10} {
				measure(b, "loss="+loss.String(), engine, lab.Impairment{Loss: loss}, reportLoss)
			}
			for _, burst := range []float64{5} {
				measure(b, fmt.Sprintf("loss=2%%/burst=%g", burst), engine, lab.Impairment{Loss: 2, Burst: burst}, reportLoss)
			}
			for _, rate := range []lab.Rate{10e6, 100e6, 500e6} {
				// The rate alone would be the token bucket's.
				measure(b, "rate="+rate.String(), engine, lab.Impairment{Rate: rate, Delay: time.Millisecond}, reportRate)
			}
		})
	}
	for _, rate := range []lab.Rate{10e6, 100e6, 500e6} {
		measure(b, "tbf/rate="+rate.String(), lab.EngineAuto, lab.Impairment{Rate: rate}, reportRate)
	}
}

func measure(b *testing.B, name string, engine lab.Engine, i lab.Impairment, report func(*testing.B, *flow, lab.Impairment)) {
	b.Run(name, func(b *testing.B) {
		netnstest.Require(b)
		topology := circle(2)
		topology.Links, topology.Engine = topology.Links[:1], engine
		topology.Links[0].Ends[0].Impairment = i
		for b.Loop() {
			network, err := lab.Up(context.Background(), topology, lab.Options{})
			if err != nil && engine == lab.EngineNetem && strings.Contains(err.Error(), "this kernel has no netem") {
				b.Skip(err)
			}
			must(b, err)
			p := openFlow(b, network)
			report(b, p, i)
			p.close()
			must(b, network.Close())
		}
		b.ReportMetric(0, "ns/op") // Leaves it out.
	})
}

// reportDelay sends now and then. Good is a delay within 5 % or 0.3 ms.
func reportDelay(b *testing.B, p *flow, i lab.Impairment) {
	const datagrams = 1000
	go func() {
		for n := range datagrams {
			p.send(b, n, 200)
			time.Sleep(time.Duration(300+n%700) * time.Microsecond)
		}
	}()
	var off []float64 // µs
	good := 0
	for range datagrams {
		s, ok := p.receive(b)
		if !ok {
			b.Fatalf("%d datagrams of %d", len(off), datagrams)
		}
		late := s.arrived.Sub(s.sent) - i.Delay
		off = append(off, float64(late.Nanoseconds())/1e3)
		if late.Abs() <= max(300*time.Microsecond, i.Delay/20) {
			good++
		}
	}
	slices.Sort(off)
	b.ReportMetric(off[datagrams/2], "p50-µs-off")
	b.ReportMetric(off[datagrams*99/100], "p99-µs-off")
	b.ReportMetric(100*float64(good)/datagrams, "%good")
}

// reportLoss counts what is lost, and how much in a row, in standard deviations of
// what the loss, or the channel that loses in bursts, would have on average: 99 %
// are within 2.576.
func reportLoss(b *testing.B, p *flow, i lab.Impairment) {
	const datagrams = 100_000
	var arrived atomic.Int64 // the last of them
	go func() {
		for n := range datagrams {
			// What a queue or ring has no room for is not the link's loss either.
			for wait := 0; n-int(arrived.Load()) > 256 && wait < 100; wait++ {
				time.Sleep(50 * time.Microsecond)
			}
			p.send(b, n+1, 100)
		}
	}()
	lost, runs, last := 0, 0, 0
	for {
		s, ok := p.receive(b)
		if !ok {
			break
		}
		if gap := s.number - last - 1; gap > 0 {
			lost, runs = lost+gap, runs+1
		}
		last = s.number
		arrived.Store(int64(last))
	}
	lost += datagrams - last
	loss, length := float64(i.Loss)/100, max(i.Burst, 1/(1-float64(i.Loss)/100))
	// What comes next of a channel of two states is as like this as its eigenvalue.
	like := 0.0
	if i.Burst > 0 {
		like = 1 - (1/length)/(1-loss)
	}
	deviation := math.Sqrt(datagrams * loss * (1 - loss) * (1 + like) / (1 - like))
	b.ReportMetric(float64(lost), "lost")
	b.ReportMetric((float64(lost)-datagrams*loss)/deviation, "loss-sd-off")
	got := float64(lost) / float64(max(runs, 1))
	b.ReportMetric(got, "in-a-row")
	b.ReportMetric((got-length)/math.Sqrt(length*(length-1)/float64(max(runs, 1))), "in-a-row-sd-off")
}

// reportRate sends half as much again as the rate lets through.
func reportRate(b *testing.B, p *flow, i lab.Impairment) {
	const length, frame = 1472, 1514
	const period = 500 * time.Millisecond
	stop, stopped := make(chan struct{}), make(chan float64, 1)
	go func() {
		began := time.Now()
		for n := 0; ; {
			select {
			case <-stop:
				stopped <- float64(n) * frame * 8 / time.Since(began).Seconds()
				return
			case <-time.After(200 * time.Microsecond):
			}
			for due := time.Since(began).Seconds() * 1.5 * float64(i.Rate) / (8 * frame); float64(n) < due; n++ {
				p.send(b, n, length)
			}
		}
	}()
	first, bytes := seen{}, 0
	var last seen
	for n := 0; last.arrived.Sub(first.arrived) < period; n++ {
		s, ok := p.receive(b)
		if !ok {
			b.Fatal("nothing comes")
		}
		switch {
		case n < 40: // A token bucket is full at first.
			first = s
		default:
			bytes += frame
		}
		last = s
	}
	close(stop)
	b.ReportMetric(<-stopped/1e6, "Mbit/s-sent") // Below the rate, it says nothing of the link.
	got := float64(bytes) * 8 / last.arrived.Sub(first.arrived).Seconds()
	b.ReportMetric(got/1e6, "Mbit/s")
	b.ReportMetric(100*(got/float64(i.Rate)-1), "%off")
}
