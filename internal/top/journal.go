package top

import (
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// journalSize is how many events are remembered, of all connections.
const journalSize = 2000

// journal is what happened, the latest last.
type journal []entry

// entry is something that happened to a connection.
type entry struct {
	at    time.Time
	space string
	token uint32 // 0: it concerns all of the namespace
	style fullscreen.Style
	text  string
}

func (j *journal) add(e entry) {
	if len(*j) == journalSize {
		*j = append((*j)[:0], (*j)[journalSize/4:]...)
	}
	*j = append(*j, e)
}

// of is what concerns one connection, the latest first, not more than n.
func (j journal) of(c *live.Connection, n int) (found []entry) {
	for i := len(j) - 1; i >= 0 && len(found) < n; i-- {
		if e := &j[i]; e.space == c.Space && (e.token == 0 || e.token == c.Info.Token) {
			found = append(found, *e)
		}
	}
	return found
}
