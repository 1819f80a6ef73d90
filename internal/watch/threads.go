package watch

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// threads are the processes of threads.
type threads map[int32]int32

// mostThreads is of how many threads the process is remembered.
const mostThreads = 4096

// processOf returns the process of a thread, which may have ended when it is needed. mu is
// held.
func (t threads) processOf(thread int32) int32 {
	if pid, ok := t[thread]; ok {
		return pid
	}
	if len(t) >= mostThreads {
		clear(t)
	}
	pid := readProcessOf(thread)
	t[thread] = pid
	return pid
}

// readProcessOf asks the kernel, and takes a thread for a process when it is gone.
func readProcessOf(thread int32) int32 {
	fd, err := unix.PidfdOpen(int(thread), 0) // Only what is a process has one.
	if err == nil {
		unix.Close(fd)
		return thread
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(int(thread)) + "/status")
	if err != nil {
		return thread
	}
	_, after, _ := bytes.Cut(status, []byte("\nTgid:\t"))
	digits, _, _ := bytes.Cut(after, []byte("\n"))
	pid, err := strconv.Atoi(string(digits))
	if err != nil {
		return thread
	}
	return int32(pid)
}
