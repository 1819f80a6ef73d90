package netcat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"allroads/internal/netcat"
)

// TestKeepOpen has several ncats at one server, which all get its input, and of
// which it gets what they send.
func TestKeepOpen(t *testing.T) {
	p, n := newPlace(t), &notes{}
	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	input, talk, err := os.Pipe()
	must(t, err)
	_, _ = io.WriteString(talk, "kept for the first\n") // Nobody is there yet.
	var all buffer
	server := p.server(ctx, netcat.Server{Port: 9000, KeepOpen: true}, netcat.Options{Input: input, Output: &all, Observer: n.observer()})

	var first, second buffer
	a := p.start(strings.NewReader("of a "), &first, "ncat", "127.0.0.1", "9000")
	eventually(t, "the first gets it", func() bool { return first.String() == "kept for the first\n" })
	b := p.start(strings.NewReader("of b "), &second, "mptcpize", "run", "ncat", "127.0.0.1", "9000")
	eventually(t, "both sent", func() bool { return len(all.String()) == 10 })
	_, _ = io.WriteString(talk, "for all\n")
	talk.Close()
	wait(t, a)
	wait(t, b)
	if first.String() != "kept for the first\nfor all\n" || second.String() != "for all\n" {
		t.Errorf("a got %q, b %q", first.String(), second.String())
	}
	var late bytes.Buffer
	wait(t, p.start(strings.NewReader("late"), &late, "ncat", "127.0.0.1", "9000"))
	eventually(t, "the late one's comes", func() bool { return strings.HasSuffix(all.String(), "late") })
	cancel()
	if err := ended(t, server); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if late.Len() > 0 || len(n.summaries) != 3 {
		t.Errorf("the late one got %q; %d ends", &late, len(n.summaries))
	}
}

// TestManyIntact sends megabytes to several at once.
func TestManyIntact(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	content := noise(3, 4_000_000)
	input, talk, err := os.Pipe()
	must(t, err)
	n := &notes{}
	server := p.server(ctx, netcat.Server{Port: 9000, KeepOpen: true}, netcat.Options{Input: input, Output: io.Discard, Observer: n.observer()})
	var got [4]bytes.Buffer
	var clients []<-chan error
	for i := range got {
		clients = append(clients, p.client(ctx, to(9000), netcat.Options{Input: strings.NewReader(""), Output: &got[i]}))
	}
	eventually(t, "all are there", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.connected) == len(got) })
	_, _ = talk.Write(content)
	talk.Close()
	for i, c := range clients {
		finish(t, c)
		same(t, "received", got[i].Bytes(), content)
	}
	cancel()
	_ = ended(t, server)
}

func TestMax(t *testing.T) {
	p, n := newPlace(t), &notes{}
	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	server := p.server(ctx, netcat.Server{Port: 9000, KeepOpen: true, Max: 1}, netcat.Options{Program: netcat.Shell("echo in; cat"), Observer: n.observer()})
	hold, talk, err := os.Pipe()
	must(t, err)
	var first buffer
	holder := p.start(hold, &first, "ncat", "127.0.0.1", "9000")
	eventually(t, "the first is in", func() bool { return first.String() == "in\n" })
	var second bytes.Buffer
	_ = p.start(nil, &second, "ncat", "127.0.0.1", "9000").Wait()
	if second.Len() > 0 {
		t.Errorf("the second is in: %q", &second)
	}
	n.mu.Lock()
	if len(n.failures) != 1 || !errors.Is(n.failures[0], netcat.ErrTooMany) {
		t.Errorf("told of %v", n.failures)
	}
	n.mu.Unlock()
	talk.Close()
	wait(t, holder)
	eventually(t, "there is room again", func() bool {
		var third bytes.Buffer
		_ = p.start(nil, &third, "ncat", "127.0.0.1", "9000").Wait()
		return third.String() == "in\n"
	})
	cancel()
	_ = ended(t, server)
}

// TestOneOnly: without KeepOpen, a second client is turned away, and the first not
// disturbed.
func TestOneOnly(t *testing.T) {
	p := newPlace(t)
	var got buffer
	server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: strings.NewReader(""), Output: &got})
	hold, talk, err := os.Pipe()
	must(t, err)
	first := p.start(hold, nil, "ncat", "127.0.0.1", "9000")
	_, _ = io.WriteString(talk, "first")
	eventually(t, "the first is in", func() bool { return got.String() == "first" })
	second := p.client(soon(t), allowTCP(9000), netcat.Options{Input: hold, Output: io.Discard, RecvOnly: true})
	expectPeer(t, ended(t, second), "connection reset by peer")
	talk.Close()
	wait(t, first)
	finish(t, server)
	expectPeer(t, ended(t, p.client(soon(t), to(9000), quiet)), "connection refused")
	if got.String() != "first" {
		t.Errorf("got %q", got.String())
	}
}
