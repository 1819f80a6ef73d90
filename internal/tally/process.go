package tally

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// ProcessOf returns the process of a thread, as far as it can be read; 0 is one of a PID
// namespace that cannot be seen from here.
func ProcessOf(thread int) Process {
	p := Process{PID: thread}
	if thread == 0 {
		return p
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if _, rest, found := bytes.Cut(status, []byte("\nTgid:\t")); found {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		if pid, err := strconv.Atoi(string(line)); err == nil {
			p.PID = pid
		}
	}
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.PID))
	p.Command = string(bytes.TrimSuffix(command, []byte("\n")))
	return p
}
