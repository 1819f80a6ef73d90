package rewrite

import (
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// ring counts an io_uring, whose sockets nobody sees.
func (t *tracer) ring(tid int, c *call) {
	t.Tally.Ring(tally.ProcessOf(tid))
	if t.Require {
		_ = c.refuse(tid, unix.EPERM)
	}
}
