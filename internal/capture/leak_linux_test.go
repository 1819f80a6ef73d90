package capture

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestNothingLeaks opens rings and fails to, and counts what is left over.
func TestNothingLeaks(t *testing.T) {
	ns := loopback(t)
	once := func() {
		r, err := Open(ns, []string{"lo"}, Options{RingBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		_, end := readAsync(r)
		r.Stop()
		<-end
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := Open(ns, []string{"nope"}, Options{}); err == nil {
			t.Fatal("no error")
		}
	}
	for range 5 {
		once()
	}
	files, threads := entries(t, "fd"), entries(t, "task")
	for range 30 {
		once()
	}
	if now := entries(t, "fd"); now > files {
		t.Errorf("%d file descriptors, were %d", now, files)
	}
	// Threads end some time after their work; others of the runtime may start.
	for start := time.Now(); entries(t, "task") > threads+5; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("%d threads, were %d", entries(t, "task"), threads)
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(maps), "socket:["); n > 0 {
		t.Errorf("%d rings still mapped", n)
	}
}

func entries(t *testing.T, what string) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/" + what)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestReadAllocatesNothing(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 2000, RingBytes: 1 << 20})
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	datagram := numbered(1, 1000)
	var p Packet
	allocated := testing.AllocsPerRun(50, func() {
		client.Write(datagram)
		if err := r.Read(&p); err != nil {
			t.Fatal(err)
		}
	})
	if allocated > 0 {
		t.Errorf("%v allocations a packet, one block each", allocated)
	}
}
