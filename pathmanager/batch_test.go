package pathmanager_test

import (
	"errors"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"
)

// TestBatches: what waits comes together, in order, and no more than was asked for; what
// follows a break was not taken before it.
func TestBatches(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	listener := listenIn(t, ns)
	defer listener.Close()
	late := time.AfterFunc(soon, func() { listener.Close() })
	defer late.Stop()
	var ports, heard []uint16
	for range 5 {
		ports = append(ports, happen(t, ns.Do))
	}
	var sizes []int
	for len(heard) < 2*len(ports) {
		for batch, err := range listener.Batches(4) {
			must(t, err)
			sizes = append(sizes, len(batch))
			for _, e := range batch {
				heard = append(heard, *e.SourcePort)
			}
			if len(sizes) != 2 {
				break
			}
		}
	}
	if len(sizes) != 3 || sizes[0] != 4 || sizes[1] != 4 || sizes[2] != 2 {
		t.Fatalf("batches of %v, want 4, 4 and 2", sizes)
	}
	for i, port := range heard {
		if port != ports[i/2] {
			t.Errorf("events of ports %v, each twice: %v", ports, heard)
		}
	}
}

// TestBatchesLoss: the loss stands behind what was read before it.
func TestBatchesLoss(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	listener := listenIn(t, ns, pathmanager.ReceiveBuffer(4096))
	defer listener.Close()
	late := time.AfterFunc(soon, func() { listener.Close() })
	defer late.Stop()
	const made = 100
	for range made {
		happen(t, ns.Do)
	}
	read := 0
	for batch, err := range listener.Batches(1000) {
		must(t, err)
		last := batch[len(batch)-1]
		if read += len(batch); last.Type == pathmanager.Loss {
			if !last.LostKnown || int(last.Lost)+read-1 != 2*made {
				t.Errorf("%d events read and %d lost, of %d", read-1, last.Lost, 2*made)
			}
			return
		}
	}
	t.Errorf("%d events, and no loss", read)
}

func TestCloseEndsBatches(t *testing.T) {
	pathmanagertest.Alone(t)
	listener := listenIn(t, netnstest.New(t))
	time.AfterFunc(20*time.Millisecond, func() { listener.Close() })
	for range 2 {
		for batch, err := range listener.Batches(10) {
			t.Errorf("%d events, %v of a namespace in which nothing happens", len(batch), err)
		}
	}
}

// TestBatchesForTests: the listener for tests does the same.
func TestBatchesForTests(t *testing.T) {
	var listener pathmanagertest.Listener
	for token := range pathmanager.Token(5) {
		listener.Emit(pathmanager.Event{Token: token})
	}
	broken := errors.New("broken")
	listener.Fail(broken)
	var sizes []int
	for batch, err := range listener.Batches(3) {
		if sizes = append(sizes, len(batch)); len(batch) == 0 && err != broken {
			t.Errorf("%v, want that of Fail", err)
		}
	}
	if len(sizes) != 3 || sizes[0] != 3 || sizes[1] != 2 || sizes[2] != 0 {
		t.Errorf("batches of %v, want 3, 2 and the error", sizes)
	}
	time.AfterFunc(10*time.Millisecond, func() { listener.Close() })
	for batch := range listener.Batches(3) {
		t.Errorf("%d events after all were read", len(batch))
	}
}
