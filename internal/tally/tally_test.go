package tally_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"allroads/internal/tally"
)

// TestSockets: the most frequent reason comes first, and all that was seen is the sum.
func TestSockets(t *testing.T) {
	var c tally.Tally
	text := func() string {
		b, err := json.Marshal(c.Sockets())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const nothing = `{"seen":0,"converted":0,"left":[],"refused":[],"missed":0,"io_uring":[],"own_listeners":[]}`
	if got := text(); got != nothing {
		t.Errorf("nothing is %s, want %s", got, nothing)
	}
	c.Converted()
	c.Converted()
	c.Left("b")
	c.Left("a")
	c.Left("c")
	c.Left("c")
	c.Refused("no")
	c.Ring(tally.Process{PID: 7, Command: "later"})
	c.Ring(tally.Process{PID: 5, Command: "sooner"})
	c.Ring(tally.Process{PID: 7, Command: "later"})
	c.Listener(tally.Process{PID: 9})
	const want = `{"seen":7,"converted":2,"left":[{"reason":"c","count":2},{"reason":"a","count":1},{"reason":"b","count":1}],` +
		`"refused":[{"reason":"no","count":1}],"missed":0,"io_uring":[{"pid":5,"command":"sooner","count":1},{"pid":7,"command":"later","count":2}],` +
		`"own_listeners":[{"pid":9,"command":"","count":1}]}`
	if got := text(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestProcessesWithoutEnd: a program that makes processes for ever does not fill memory,
// and those that are known go on being counted.
func TestProcessesWithoutEnd(t *testing.T) {
	var c tally.Tally
	for pid := 1; pid <= 5000; pid++ {
		c.Ring(tally.Process{PID: pid})
		c.Ring(tally.Process{PID: 3})
	}
	s := c.Sockets()
	total := 0
	for _, a := range s.Rings {
		total += a.Count
	}
	if len(s.Rings) != 1001 || s.Rings[0] != (tally.Activity{Process: tally.Process{Command: "(others)"}, Count: 4000}) || total != 10000 {
		t.Errorf("%d processes, %d in all, the first %+v", len(s.Rings), total, s.Rings[0])
	}
}

func TestManyGoroutines(t *testing.T) {
	var c tally.Tally
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				c.Converted()
				c.Left(fmt.Sprint(i % 3))
				c.Listener(tally.Process{PID: i % 5})
				_ = c.Sockets()
			}
		})
	}
	all.Wait()
	if s := c.Sockets(); s.Seen != 16000 || s.Converted != 8000 || s.OwnListeners[0].Count != 1600 {
		t.Errorf("%+v", s)
	}
}
