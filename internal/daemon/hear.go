package daemon

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"allroads/internal/steering"
	"allroads/pathmanager"
)

// atOnce is how many events are acted on before others have their turn.
const atOnce = 256

// listen takes events until their source is closed, and acts on them right away: between
// an event and the subflow that it leads to, no other goroutine is woken up. What comes
// meanwhile waits in the kernel, which has room for more than a hundred thousand events.
func (w *worker) listen(ctx context.Context) {
	<-w.ready
	for ctx.Err() == nil {
		for batch, err := range w.system.events.Batches(atOnce) {
			if err != nil {
				batch = []pathmanager.Event{{Type: pathmanager.Loss, Time: time.Now()}}
			}
			w.act(ctx, func(now time.Time) { w.hear(now, batch) })
		}
		rest(ctx, pause) // It was closed, or cannot be read for now.
	}
}

// hear takes events. What is decided comes first, and what is told about it afterwards: a
// subflow is begun as soon as it can be.
func (w *worker) hear(now time.Time, batch []pathmanager.Event) {
	lost := uint64(0)
	for begin := 0; begin < len(batch); {
		end := begin
		for end < len(batch) && batch[end].Type != pathmanager.Loss {
			end++
		}
		w.manages.heard(now, batch[begin:end])
		if end < len(batch) {
			lost++
		}
		begin = end + 1
	}
	w.census.heard(w, batch)
	if lost > 0 {
		w.lostEvents(now, lost)
	}
	w.burst += len(batch)
	if w.burst > burstSize {
		w.tidy = now.Add(afterBurst)
	}
}

// After many events, once there are few, the memory that they took is given back. The
// runtime would do so by itself, minutes later.
const (
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
