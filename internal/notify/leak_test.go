package notify_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/notify"
)

// TestNoLeak opens sockets as fast as it goes.
func TestNoLeak(t *testing.T) {
	file := program(t)
	start(t, notify.Options{}, file, "threads", "2", "0.2", "262").wait(t)
	resident := func() (kb int) {
		status, _ := os.ReadFile("/proc/self/status")
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		fmt.Sscan(rest, &kb)
		return kb
	}
	span := "2"
	if s := os.Getenv("ALLROADS_LEAK_SECONDS"); s != "" {
		span = s
	}
	fds, goroutines, memory := descriptors(t), runtime.NumGoroutine(), resident()
	out := start(t, notify.Options{}, file, "threads", "2", span, "262").wait(t)
	var opened int
	var took float64
	fmt.Sscanf(out, "opened %d in %f", &opened, &took)
	t.Logf("%d sockets, %.0f a second; descriptors %d, then %d; goroutines %d, then %d; resident %d kB, then %d kB", opened,
		float64(opened)/took, fds, descriptors(t), goroutines, runtime.NumGoroutine(), memory, resident())
	if after := descriptors(t); after > fds || opened == 0 {
		t.Errorf("%d descriptors, %d before: %s", after, fds, out)
	}
	if after := runtime.NumGoroutine(); after > goroutines {
		t.Errorf("%d goroutines, %d before", after, goroutines)
	}
	if after := resident(); after > memory+8000 {
		t.Errorf("%d kB resident, %d kB before", after, memory)
	}
}

func descriptors(t testing.TB) int {
	t.Helper()
	runtime.GC() // closes files that nobody has any more, as pidfds
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
