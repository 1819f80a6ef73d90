package api

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"allroads/internal/control"
)

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}

func (s *served) dial(t *testing.T, words string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", s.path)
	must(t, err)
	_, _ = io.WriteString(c, words)
	return c
}

// TestVanish: clients that go away at any moment leave nothing behind.
func TestVanish(t *testing.T) {
	s := serve(t, "", Options{})
	_, err := s.client.Status(t.Context())
	must(t, err)
	goroutines, open := runtime.NumGoroutine(), descriptors(t)
	words := []string{"", "GE", "GET /v1/status HTTP/1.1\r\nHost: x\r\n", "GET /v1/status HTTP/1.0\r\n\r\n",
		"GET /v1/events?follow HTTP/1.0\r\n\r\n", "GET /v1/events?follow HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /v1/reload HTTP/1.0\r\nContent-Length: 9\r\n\r\nabc"}
	for i := range 1000 {
		c := s.dial(t, words[i%len(words)])
		if i%2 == 0 && strings.HasSuffix(words[i%len(words)], "\r\n\r\n") {
			_, _ = c.Read(make([]byte, 1))
		}
		s.stream.Publish(control.Event{Text: "x"})
		c.Close()
		if i%16 == 0 { // so that there are places for some that follow
			time.Sleep(time.Millisecond)
		}
	}
	eventually(t, "no goroutine and no descriptor is left", func() bool {
		return runtime.NumGoroutine() <= goroutines && descriptors(t) <= open
	})
	_, err = s.client.Status(t.Context())
	must(t, err)
}

// TestNeverReads: who does not read costs nobody else anything, and is told in the end
// how much he has missed.
func TestNeverReads(t *testing.T) {
	s := serve(t, "", Options{})
	lazy := s.dial(t, "GET /v1/events?follow HTTP/1.0\r\n\r\n")
	defer lazy.Close()
	in := bufio.NewReader(lazy)
	for line := ""; line != "\r\n"; {
		var err error
		line, err = in.ReadString('\n')
		must(t, err)
	}
	const events = 1000
	long := strings.Repeat("x", 4000) // so that what is kept is more than the socket takes
	for i := range events {
		s.stream.Publish(control.Event{Kind: "subflow", Text: long})
		if i%16 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	if answer, err := s.client.Status(t.Context()); err != nil || answer.Value.PID != 7 {
		t.Errorf("meanwhile: %v", err)
	}
	read, missed := uint64(0), uint64(0)
	must(t, lazy.SetReadDeadline(time.Now().Add(10*time.Second)))
	for read+missed < events {
		line, err := in.ReadBytes('\n')
		must(t, err)
		var e control.Event
		must(t, json.Unmarshal(line, &e))
		if e.Kind == control.KindMissed {
			missed += *e.Missed
		} else {
			read++
		}
	}
	if read+missed != events || missed == 0 || read == 0 {
		t.Errorf("%d read, %d missed, of %d", read, missed, events)
	}
}

// TestFollow: first what was, then what comes, each at once.
func TestFollow(t *testing.T) {
	s := serve(t, "", Options{Patience: 100 * time.Millisecond})
	s.stream.Publish(control.Event{Text: "0"})
	want := 0
	for answer, err := range s.client.Events(t.Context(), true) {
		must(t, err)
		if answer.Value.Text != string(rune('0'+want)) || answer.Value.Missed != nil {
			t.Fatalf("%s, want %d", answer.JSON, want)
		}
		if want++; want == 5 {
			break
		}
		time.Sleep(60 * time.Millisecond) // longer than a request may take, in all
		s.stream.Publish(control.Event{Text: string(rune('0' + want))})
	}
}

// TestPatience: half a request is not waited for.
func TestPatience(t *testing.T) {
	s := serve(t, "", Options{Patience: 50 * time.Millisecond})
	for _, words := range []string{"", "GET /v1/st", "GET /v1/status HTTP/1.1\r\nHost:", "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"} {
		c := s.dial(t, words)
		must(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
		if _, err := io.Copy(io.Discard, c); os.IsTimeout(err) {
			t.Errorf("%q: still open", words)
		}
		c.Close()
	}
}

// TestEnd: clients of all kinds do not keep the daemon from ending.
func TestEnd(t *testing.T) {
	s := serve(t, "", Options{})
	for _, words := range []string{"", "GET", "GET /v1/events?follow HTTP/1.0\r\n\r\n", "POST /v1/reload HTTP/1.0\r\nContent-Length: 5\r\n\r\n"} {
		defer s.dial(t, words).Close()
	}
	full := s.dial(t, "GET /v1/events?follow HTTP/1.0\r\n\r\n")
	defer full.Close()
	for range 200 {
		s.stream.Publish(control.Event{Text: strings.Repeat("x", 4000)})
		time.Sleep(time.Millisecond)
	}
	_, err := s.client.Status(t.Context())
	must(t, err)
	must(t, s.end())
	if _, err := os.Lstat(s.path); !os.IsNotExist(err) {
		t.Errorf("the socket: %v", err)
	}
}
