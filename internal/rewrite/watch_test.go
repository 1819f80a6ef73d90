package rewrite_test

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"allroads/internal/rewrite"
	"allroads/internal/watch"
)

// TestWatch: the connection of a program's own socket is followed.
func TestWatch(t *testing.T) {
	w, err := watch.New()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var config net.ListenConfig
	config.SetMultipathTCP(true)
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	p := startWith(t, rewrite.Options{Watch: w}, compiled(t, "habits"), "connect", port)
	if line := p.line(t); line != "connected 262\n" {
		t.Fatalf("the program says %q", line)
	}
	until := time.Now().Add(10 * time.Second)
	for r := w.Report(); r.MPTCP != 1 || r.Sockets != 2; r = w.Report() {
		if time.Now().After(until) {
			t.Fatalf("what was seen: %+v", r)
		}
		time.Sleep(10 * time.Millisecond)
		w.Look()
	}
}
