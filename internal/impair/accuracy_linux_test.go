package impair

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A sighting is a frame with a time in it that got to the far host.
type sighting struct {
	sent, arrived int64 // nanoseconds of CLOCK_REALTIME, the second one the kernel's
	length        int
}

// stampAt is where in a frame the time is.
const stampAt = etherHeader

// watch opens what sees the frames at a host, and returns a function that waits
// for the next; not ok after half a second without one.
func watch(t testing.TB, at Port) (next func() (s sighting, ok bool)) {
	t.Helper()
	// A large ring, as whoever watches must not miss what the link sends.
	s, err := openSocket(at, 16*defaultRing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return func() (seen sighting, ok bool) {
		for !s.ring.ready() {
			fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
			if n, err := unix.Ppoll(fds, &unix.Timespec{Nsec: 500_000_000}, nil); n == 0 && err == nil {
				return seen, false
			}
		}
		defer s.ring.release()
		frame, ok := s.ring.frame()
		if ok && len(frame) >= stampAt+8 {
			sent := int64(binary.BigEndian.Uint64(frame[stampAt:]))
			seen = sighting{sent, s.ring.arrived(), len(frame)}
		}
		return seen, ok
	}
}

// stamper opens what sends one frame of a length from a host, with the time in it.
func stamper(t testing.TB, from Port, length int) (send func()) {
	t.Helper()
	s, err := openSocket(from, minRing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	frame := make([]byte, length)
	copy(frame, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5})
	var b batch
	return func() {
		b.add(frame)
		binary.BigEndian.PutUint64(frame[stampAt:], uint64(time.Now().UnixNano()))
		if _, err := b.send(s.fd); err != nil {
			t.Error(err)
		}
		b.take()
	}
}

// BenchmarkDelay sends frames of 200 bytes now and then, and reports by how much
// each delay, as the far host's kernel sees it, differs from the one asked for.
func BenchmarkDelay(b *testing.B) {
	for _, delay := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond} {
		b.Run(delay.String(), func(b *testing.B) {
			for b.Loop() {
				reportDelay(b, delay)
			}
		})
	}
}

func reportDelay(b *testing.B, delay time.Duration) {
	const frames = 1000
	bed := newBed(b)
	l := bed.open(b, Params{Delay: delay}, Params{}, Options{})
	defer l.Close()
	next := watch(b, Port{bed.server, "eth0"})
	send := stamper(b, Port{bed.client, "eth0"}, 200)
	go func() {
		for n := range frames {
			send()
			time.Sleep(time.Duration(300+n%700) * time.Microsecond)
		}
	}()
	var off []float64
	within := 0
	for range frames {
		s, ok := next()
		if !ok {
			b.Fatalf("%d frames of %d", len(off), frames)
		}
		e := float64(s.arrived-s.sent-delay.Nanoseconds()) / 1e3
		off = append(off, e)
		if math.Abs(e) <= max(300, 0.05*float64(delay.Microseconds())) {
			within++
		}
	}
	slices.Sort(off)
	b.ReportMetric(off[0], "min-µs-off")
	b.ReportMetric(off[frames/2], "p50-µs-off")
	b.ReportMetric(off[frames*99/100], "p99-µs-off")
	b.ReportMetric(100*float64(within)/frames, "%within")
}

// BenchmarkBareSleep reports how late this machine is for a bare ppoll(2) on a
// thread that has nothing else to do, which no link's delay can better.
func BenchmarkBareSleep(b *testing.B) {
	runtime.LockOSThread() // And leave it: it ends with its timer slack.
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		late := make([]float64, 1000)
		for i := range late {
			start := time.Now()
			if _, err := unix.Ppoll(nil, &unix.Timespec{Nsec: 1_000_000}, nil); err != nil {
				b.Fatal(err)
			}
			late[i] = float64(time.Since(start)-time.Millisecond) / 1e3
		}
		slices.Sort(late)
		b.ReportMetric(late[500], "p50-µs-off")
		b.ReportMetric(late[990], "p99-µs-off")
	}
}

// BenchmarkRate floods a link with a rate, and reports by how much the rate
// differs from it, between the first and the last frame of half a second that the
// far host's kernel sees.
func BenchmarkRate(b *testing.B) {
	for _, mbit := range []uint64{1, 10, 100, 500, 1000, 2000} {
		b.Run(fmt.Sprintf("%d Mbit", mbit), func(b *testing.B) {
			for b.Loop() {
				reportRate(b, mbit*1_000_000)
			}
		})
	}
}

func reportRate(b *testing.B, rate uint64) {
	bed := newBed(b)
	l := bed.open(b, Params{Rate: rate}, Params{}, Options{})
	defer l.Close()
	next := watch(b, Port{bed.server, "eth0"})
	var stop atomic.Bool
	var sender sync.WaitGroup
	sender.Go(func() { flood(b, Port{bed.client, "eth0"}, &stop) })
	defer sender.Wait()
	defer stop.Store(true)
	start, ok := next()
	last, sum := start, 0
	for ok && last.arrived-start.arrived < 500_000_000 {
		if last, ok = next(); ok {
			sum += last.length
		}
	}
	got := float64(sum) * 8e9 / float64(last.arrived-start.arrived)
	b.ReportMetric(got/1e6, "Mbit/s")
	b.ReportMetric(100*(got/float64(rate)-1), "%off")
	b.ReportMetric(float64(l.Stats(AToB).Overrun), "overruns")
}

// BenchmarkLoss sends 100,000 frames and counts those that get to the far host, in
// standard deviations of the binomial distribution: 99 % are within 2.576.
func BenchmarkLoss(b *testing.B) {
	bed := newBed(b)
	for _, loss := range []float64{0.001, 0.01, 0.1} {
		b.Run(fmt.Sprint(loss), func(b *testing.B) {
			for b.Loop() {
				reportLoss(b, bed, loss)
			}
		})
	}
}

func reportLoss(b *testing.B, bed *bed, loss float64) {
	l := bed.open(b, Params{Loss: loss}, Params{}, Options{Seed: 1, RingFrames: 8192})
	defer l.Close()
	next := watch(b, Port{bed.server, "eth0"})
	send := stamper(b, Port{bed.client, "eth0"}, 200)
	go func() {
		for n := range trials {
			send()
			if n%100 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	arrived := 0
	for {
		if _, ok := next(); !ok {
			break
		}
		arrived++
	}
	lost := float64(trials - arrived)
	b.ReportMetric(lost, "lost")
	b.ReportMetric((lost-trials*loss)/math.Sqrt(trials*loss*(1-loss)), "sd-off")
	b.ReportMetric(float64(l.Stats(AToB).Overrun), "overruns")
}
