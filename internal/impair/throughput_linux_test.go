package impair

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// flood sends frames of 1,514 bytes from a host, as fast as it can, until stop is
// set.
func flood(t testing.TB, from Port, stop *atomic.Bool) {
	s, err := openSocket(from, minRing)
	if err != nil {
		t.Error(err)
		return
	}
	defer s.close()
	frame := make([]byte, 1514)
	copy(frame, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5}) // An experiment's EtherType.
	var b batch
	for !stop.Load() {
		for !b.full() {
			b.add(frame)
		}
		for !b.empty() && !stop.Load() {
			n, err := b.send(s.fd)
			if err != nil {
				// The generator outruns the host's backlog.
				runtime.Gosched()
			}
			for range n {
				b.take()
			}
		}
	}
}

// plainCopy is the least that a link in userspace can do: the same sockets, rings
// and batches, and no model, memory or timing.
func plainCopy(in, out *socket, stop *atomic.Bool) (frames int) {
	var b batch
	for !stop.Load() {
		first := in.ring.next
		for !b.full() && in.ring.ready() {
			frame, ok := in.ring.frame()
			if !ok {
				break
			}
			b.add(frame)
			if in.ring.next += in.ring.slot; in.ring.next == len(in.ring.memory) {
				in.ring.next = 0
			}
		}
		if b.empty() {
			fds := []unix.PollFd{{Fd: int32(in.fd), Events: unix.POLLIN}}
			unix.Ppoll(fds, &unix.Timespec{Nsec: 10_000_000}, nil)
			continue
		}
		count := b.end
		for !b.empty() {
			n, _ := b.send(out.fd)
			for range n {
				b.take()
			}
		}
		frames += count
		in.ring.next = first
		for range count {
			in.ring.release()
		}
	}
	return frames
}

// onePass runs one engine on a thread of its own beside a flood and reports its
// rate and its thread's CPU time per frame. Much of that is not the engine's: it
// is the receiving host's, whose work the kernel does in the sending thread.
func onePass(b *testing.B, bed *bed, engine func(stop *atomic.Bool) (frames int)) (perFrame float64) {
	const period = 700 * time.Millisecond
	var stop atomic.Bool
	var both sync.WaitGroup
	both.Go(func() {
		runtime.LockOSThread()
		flood(b, Port{bed.client, "eth0"}, &stop)
	})
	var frames int
	var cpu time.Duration
	both.Go(func() {
		runtime.LockOSThread()
		before := threadCPU(b)
		frames = engine(&stop)
		cpu = threadCPU(b) - before
	})
	time.Sleep(period)
	stop.Store(true)
	both.Wait()
	perSecond := float64(frames) / period.Seconds()
	b.ReportMetric(perSecond, "frames/s")
	b.ReportMetric(perSecond*1514*8/1e9, "Gbit/s")
	perFrame = float64(cpu.Nanoseconds()) / float64(max(frames, 1))
	b.ReportMetric(perFrame, "cpu-ns/frame")
	b.ReportMetric(1514*8/perFrame, "Gbit/s/core")
	return perFrame
}

func threadCPU(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Error(err)
	}
	return time.Duration(t.Nano())
}

func linkEngine(b *testing.B, bed *bed, p Params) func(*atomic.Bool) int {
	return func(stop *atomic.Bool) int {
		l := &Link{clock: clock{base: time.Now()}, wake: -1, done: make(chan struct{})}
		if err := l.open(Port{bed.middle, "a"}, Port{bed.middle, "b"}, p, p, Options{}); err != nil {
			b.Error(err)
			return 0
		}
		defer l.release()
		go func() {
			for !stop.Load() {
				time.Sleep(time.Millisecond)
			}
			l.stop.Store(true)
			unix.Write(l.wake, []byte{7: 1})
		}()
		if err := l.carry(); err != nil {
			b.Error(err)
		}
		return int(l.Stats(AToB).Sent.Frames)
	}
}

func copyEngine(b *testing.B, bed *bed) func(*atomic.Bool) int {
	return func(stop *atomic.Bool) int {
		in, err := openSocket(Port{bed.middle, "a"}, defaultRing)
		if err != nil {
			b.Error(err)
			return 0
		}
		defer in.close()
		out, err := openSocket(Port{bed.middle, "b"}, defaultRing)
		if err != nil {
			b.Error(err)
			return 0
		}
		defer out.close()
		return plainCopy(in, out, stop)
	}
}

// BenchmarkThroughput floods a link and a plain copy loop in turns, and reports
// their rates and what a frame costs, as a ratio at last.
func BenchmarkThroughput(b *testing.B) {
	bed := newBed(b)
	var plain, model float64
	b.Run("plain copy loop", func(b *testing.B) {
		for b.Loop() {
			plain = onePass(b, bed, copyEngine(b, bed))
		}
	})
	for _, one := range []struct {
		name string
		p    Params
	}{
		{"no faults", Params{}},
		{"delay 10 ms", Params{Delay: 10 * time.Millisecond}},
		{"all faults", Params{
			Rate: 20_000_000_000, Delay: 10 * time.Millisecond, Jitter: time.Millisecond, Loss: 0.001,
			Burst:   GilbertElliott{P: 0.001, R: 0.5, LossBad: 1},
			Reorder: 0.01, Duplicate: 0.001,
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			for b.Loop() {
				model = onePass(b, bed, linkEngine(b, bed, one.p))
				b.ReportMetric(model/plain, "cpu/copy")
			}
		})
	}
}
