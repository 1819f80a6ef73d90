package capture

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"time"
)

// prompt is far more than Stop takes, and less than drainLimit.
const prompt = 500 * time.Millisecond

// readAsync reads to the end on another goroutine and sends what ended it.
func readAsync(r *Ring) (count *uint64, end <-chan error) {
	count = new(uint64)
	done := make(chan error, 1)
	go func() {
		for {
			var p Packet
			if err := r.Read(&p); err != nil {
				done <- err
				return
			}
			*count++
		}
	}()
	return count, done
}

func TestStopWakesIdleRead(t *testing.T) {
	r := listen(t, loopback(t), []string{"lo"}, Options{})
	_, end := readAsync(r)
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	var stops sync.WaitGroup
	for range 4 {
		stops.Go(r.Stop)
	}
	if err := <-end; err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	stops.Wait()
	took := time.Since(start)
	t.Logf("EOF after %v", took)
	if took > prompt {
		t.Errorf("EOF after %v", took)
	}
	if err := r.Read(new(Packet)); err != io.EOF {
		t.Errorf("Read again: %v", err)
	}
}

// TestStopDrains stops right behind the last of some packets, at various points
// of a block's life.
func TestStopDrains(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	var slowest time.Duration
	for round := range 20 {
		r := listen(t, ns, []string{"lo"}, Options{SnapLen: 2000})
		count, end := readAsync(r)
		send(t, client, 0, 10, 100)
		time.Sleep(time.Duration(round) * time.Millisecond)
		send(t, client, 0, round, 1000)
		await(t, r, uint64(10+round))
		start := time.Now()
		r.Stop()
		send(t, client, 0, 10, 100)
		if err := <-end; err != io.EOF {
			t.Fatalf("Read: %v", err)
		}
		slowest = max(slowest, time.Since(start))
		want := uint64(10 + round)
		if s := stats(t, r); *count != want || s != (Stats{Packets: want}) {
			t.Errorf("%d packets read, stats %+v: want the %d from before Stop", *count, s, want)
		}
		r.Close()
	}
	t.Logf("slowest EOF after %v", slowest)
	if slowest > prompt {
		t.Errorf("EOF after %v", slowest)
	}
}

// TestStopUnderLoad stops while packets keep coming: there is an end, and what
// was read is one run from the beginning of the capture to Stop.
func TestStopUnderLoad(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	quit := make(chan struct{})
	var sender sync.WaitGroup
	sender.Go(func() {
		for n := uint64(0); ; n++ {
			select {
			case <-quit:
				return
			default:
				client.Write(numbered(n, 200))
			}
		}
	})
	defer sender.Wait()
	defer close(quit)

	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 2000})
	count, end := readAsync(r)
	time.Sleep(100 * time.Millisecond)
	before := stats(t, r)
	r.Stop()
	if err := <-end; err != io.EOF {
		t.Fatalf("Read: %v", err)
	}
	after := stats(t, r)
	if *count != after.Packets-after.Drops || after.Packets < before.Packets || before.Packets == 0 {
		t.Errorf("%d packets read, stats %+v before Stop, %+v after", *count, before, after)
	}
}
