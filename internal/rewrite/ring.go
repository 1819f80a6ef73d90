package rewrite

import (
	"os"
	"strconv"
	"strings"

	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// ring counts an io_uring, whose sockets nobody sees.
func (t *tracer) ring(tid int, c *call) {
	t.Tally.Ring(processOf(tid))
	if t.Require {
		_ = c.refuse(tid, unix.EPERM)
	}
}

// processOf returns the process of a thread that stands still.
func processOf(tid int) tally.Process {
	p := tally.Process{PID: tid}
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	for line := range strings.Lines(string(status)) {
		if id, found := strings.CutPrefix(line, "Tgid:"); found {
			if pid, err := strconv.Atoi(strings.TrimSpace(id)); err == nil {
				p.PID = pid
			}
		}
	}
	command, _ := os.ReadFile("/proc/" + strconv.Itoa(p.PID) + "/comm")
	p.Command = strings.TrimSuffix(string(command), "\n")
	return p
}
