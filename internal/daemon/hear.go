package daemon

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"allroads/internal/steering"
	"allroads/pathmanager"
)

// hear takes the events that wait. What is decided comes first, and what is told about it
// afterwards: a subflow is begun as soon as it can be.
func (w *worker) hear(now time.Time) {
	w.batch = w.events.take(w.batch)
	lost := uint64(0)
	for begin := 0; begin < len(w.batch); {
		end := begin
		for end < len(w.batch) && w.batch[end].Type != pathmanager.Loss {
			end++
		}
		w.manages.heard(now, w.batch[begin:end])
		if end < len(w.batch) {
			lost++
		}
		begin = end + 1
	}
	w.census.heard(w, w.batch)
	if lost > 0 {
		w.lostEvents(now, lost)
	}
	w.burst += len(w.batch)
	if cap(w.batch) > batchKept {
		w.batch = nil
	}
	if w.burst > burstSize {
		w.tidy = now.Add(afterBurst)
	}
}

// After many events, once there are few, the memory that they took is given back. The
// runtime would do so by itself, minutes later.
const (
	batchKept  = 1 << 10 // events that space is kept for
	burstSize  = 1 << 13 // events
	afterBurst = 3 * time.Second
)

// giveBack is called some time after the last of many events.
func (w *worker) giveBack() {
	w.burst, w.tidy = 0, time.Time{}
	go debug.FreeOSMemory() // It takes some milliseconds.
}

// lostEvents asks for what is there, since what has happened is not known.
func (w *worker) lostEvents(now time.Time, times uint64) {
	begun := time.Now()
	connections := w.count(now)
	w.refresh(time.Now())
	took := time.Since(begun)
	w.losses.Events += times
	w.resynced(now)
	w.log.Warn("events of the path manager were lost", "times", times, "did", "asked for all connections, endpoints and limits",
		"connections", connections, "took", took)
	w.publish("loss", "events of the path manager were lost", "they came faster than they were read")
	w.publish("resync", fmt.Sprintf("asked for all connections (%d), endpoints and limits in %s", connections, took.Round(time.Microsecond)), "events were lost")
}

// lostNetwork tells of messages that the observer lost; it has asked for all anew.
func (w *worker) lostNetwork(now time.Time, lost lostNews) {
	took := time.Since(lost.since)
	w.losses.Network += lost.times
	w.resynced(now)
	w.log.Warn("messages about the network were lost", "times", lost.times, "did", "asked for all links, addresses, routes and rules",
		"took", took, "error", lost.err)
	w.publish("loss", "messages about the network were lost", "they came faster than they were read")
	w.publish("resync", "asked for all links, addresses, routes and rules", "messages were lost")
}

func (w *worker) resynced(now time.Time) {
	w.losses.Resyncs++
	w.losses.Last = &now
}

// count asks for all connections that are alive.
func (w *worker) count(now time.Time) (connections int) {
	var live []steering.Live
	began := time.Now()
	worked := w.attempt(listConnections, "", func() (_ bool, err error) {
		live, err = w.allLive(context.Background())
		return false, err
	})
	if worked {
		w.census.found(live)
		w.manages.found(now, began, live)
	}
	return len(live)
}

// listConnections is what w.tries call it.
const listConnections = "list connections"
