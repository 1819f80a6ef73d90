package steering

import "container/heap"

// timers are the connections that wait for a time, the earliest first.
type timers struct{ heap byDue }

type byDue []*connection

func (h byDue) Len() int           { return len(h) }
func (h byDue) Less(i, j int) bool { return h[i].due < h[j].due }
func (h byDue) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = int32(i)+1, int32(j)+1
}

func (h *byDue) Push(x any) {
	c := x.(*connection)
	*h = append(*h, c)
	c.place = int32(len(*h))
}

func (h *byDue) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	c.place = 0
	return c
}

// set makes a connection due at a moment, 0: not at all.
func (t *timers) set(c *connection, due moment) {
	switch {
	case due == c.due && (c.place != 0) == (due != 0):
	case due == 0:
		c.due = 0
		heap.Remove(&t.heap, int(c.place)-1)
		t.shrink()
	case c.place == 0:
		c.due = due
		heap.Push(&t.heap, c)
	default:
		c.due = due
		heap.Fix(&t.heap, int(c.place)-1)
	}
}

// first is when the earliest is due, 0 where none waits.
func (t *timers) first() moment {
	if len(t.heap) == 0 {
		return 0
	}
	return t.heap[0].due
}

func (t *timers) pop() *connection {
	c := heap.Pop(&t.heap).(*connection)
	c.due = 0
	return c
}

// shrink gives memory back after many connections.
func (t *timers) shrink() {
	if cap(t.heap) > 1024 && len(t.heap) < cap(t.heap)/8 {
		t.heap = append(make(byDue, 0, cap(t.heap)/4), t.heap...)
	}
}
