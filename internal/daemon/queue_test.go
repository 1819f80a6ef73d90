package daemon

import (
	"testing"
	"testing/synctest"
	"time"

	"allroads/pathmanager"
)

// TestQueueKeepsOrder also where its space is used again.
func TestQueueKeepsOrder(t *testing.T) {
	q := newQueue()
	var batch []pathmanager.Event
	next := pathmanager.Token(0)
	for range 5 {
		for i := range pathmanager.Token(100) {
			q.put(pathmanager.Event{Token: next + i})
		}
		batch = q.take(batch)
		for _, e := range batch {
			if e.Token != next {
				t.Fatalf("event %d, want %d", e.Token, next)
			}
			next++
		}
	}
	if len(q.take(batch)) != 0 || next != 500 {
		t.Errorf("%d events", next)
	}
}

// TestQueueIsBounded: whoever puts waits, and what waits behind it is the kernel's.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		done := false
		go func() {
			for range queueBound + 10 {
				q.put(pathmanager.Event{})
			}
			done = true
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		if done || len(q.events) != queueBound {
			t.Fatalf("%d events wait", len(q.events))
		}
		if n := len(q.take(nil)); n != queueBound {
			t.Errorf("%d taken", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !done || len(q.take(nil)) != 10 {
			t.Error("the others were not put")
		}
	})
}

// TestQueueClosed lets go of who waits.
func TestQueueClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		go func() {
			for range queueBound + 10 {
				q.put(pathmanager.Event{})
			}
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		q.close() // The bubble ends when the goroutine does.
	})
}
