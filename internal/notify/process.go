package notify

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"allroads/internal/tally"
)

// processOf is the process of a thread, as far as it can be read.
func processOf(thread uint32) tally.Process {
	p := tally.Process{PID: int(thread)}
	if thread == 0 { // of a PID namespace that cannot be seen from here
		return p
	}
	comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", thread))
	p.Command = string(bytes.TrimSuffix(comm, []byte("\n")))
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if _, rest, found := bytes.Cut(status, []byte("\nTgid:\t")); found {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		if pid, err := strconv.Atoi(string(line)); err == nil {
			p.PID = pid
		}
	}
	return p
}
