package netcat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netcat"
	"allroads/mptcp"
)

// ways are those in which a program can have the connection: itself, or through
// pipes because something else has to see what passes.
var ways = map[string]netcat.Options{"direct": {}, "piped": {Idle: time.Hour}}

func TestProgram(t *testing.T) {
	content := noise(4, 2_000_000)
	for way, options := range ways {
		for name, ncat := range peers {
			t.Run(way+"-"+name, func(t *testing.T) {
				t.Parallel()
				p, n := newPlace(t), &notes{}
				o := options
				// It hears the end, and speaks afterwards.
				o.Program, o.Observer = netcat.Shell("cat; echo; env"), n.observer()
				server := p.server(soon(t), netcat.Server{Host: "127.0.0.1", Port: 9000}, o)
				var got bytes.Buffer
				wait(t, p.start(bytes.NewReader(content), &got, append(ncat, "-p", "9001", "127.0.0.1", "9000")...))
				finish(t, server)
				body, rest := got.Bytes()[:len(content)], got.String()[len(content):]
				same(t, "echoed", body, content)
				for _, want := range []string{
					"REMOTE_ADDR=127.0.0.1", "REMOTE_PORT=9001", "LOCAL_ADDR=127.0.0.1", "LOCAL_PORT=9000", "PROTO=" + name,
				} {
					if !strings.Contains(rest, "\nALLROADS_"+want+"\n") {
						t.Errorf("no %s in %q", want, rest)
					}
				}
				s := n.summaries[0]
				if s.Received == nil || *s.Received != uint64(len(content)) || s.Sent == nil || *s.Sent != uint64(got.Len()) {
					t.Errorf("counted %d sent, %d received; it was %d, %d", value(s.Sent), value(s.Received), got.Len(), len(content))
				}
			})
		}
	}
}

// TestProgramEndsFirst: what it said arrives, though nobody has read what the peer
// sent.
func TestProgramEndsFirst(t *testing.T) {
	for way, options := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p, o := newPlace(t), options
			o.Program = netcat.Shell("head -c 1000000 /dev/zero")
			server := p.server(soon(t), netcat.Server{Port: 9000}, o)
			var got bytes.Buffer
			err := ended(t, p.client(soon(t), to(9000), netcat.Options{Input: bytes.NewReader(noise(5, 300_000)), Output: &got}))
			if err != nil || got.Len() != 1_000_000 {
				t.Errorf("%d bytes, %v", got.Len(), err)
			}
			finish(t, server)
		})
	}
}

// TestProgramOfClient runs a program where we connect.
func TestProgramOfClient(t *testing.T) {
	p := newPlace(t)
	var got bytes.Buffer
	peer := p.start(strings.NewReader("question"), &got, "ncat", "-l", "9000")
	p.listening(9000)
	finish(t, p.client(soon(t), allowTCP(9000), netcat.Options{Program: &netcat.Program{Args: []string{"tr", "a-z", "A-Z"}}}))
	wait(t, peer)
	if got.String() != "QUESTION" {
		t.Errorf("got %q", &got)
	}
}

// TestProgramEnded ends a program that does not want to, and what it started.
func TestProgramEnded(t *testing.T) {
	for way, options := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p, o := newPlace(t), options
			file := filepath.Join(t.TempDir(), "pids")
			o.Program = netcat.Shell("trap '' TERM; sleep 1000 & echo $$ $! >" + file + "; echo up; wait; wait")
			ctx, cancel := context.WithCancel(soon(t))
			server := p.server(ctx, netcat.Server{Port: 9000, KeepOpen: true}, o)
			var got buffer
			client := p.client(soon(t), to(9000), netcat.Options{Input: strings.NewReader(""), Output: &got})
			eventually(t, "it is up", func() bool { return got.String() == "up\n" })
			cancel()
			if err := ended(t, server); !errors.Is(err, context.Canceled) {
				t.Errorf("the server ends with %v", err)
			}
			_ = ended(t, client)
			text, err := os.ReadFile(file)
			must(t, err)
			for _, field := range strings.Fields(string(text)) {
				pid, err := strconv.Atoi(field)
				must(t, err)
				eventually(t, "process "+field+" is gone", func() bool { return !runs(pid) })
			}
		})
	}
}

// runs reports whether a process is there, and more than its parent's memory of it.
func runs(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

func TestNoSuchProgram(t *testing.T) {
	p := newPlace(t)
	o := netcat.Options{Program: &netcat.Program{Args: []string{"/no/such/program"}}}
	server := p.server(soon(t), netcat.Server{Port: 9000}, o)
	_ = ended(t, p.client(soon(t), to(9000), quiet))
	err := ended(t, server)
	expectOwn(t, err, "start /no/such/program: ")
	if !errors.Is(err, syscall.ENOENT) {
		t.Errorf("%v", err)
	}
}

// value is a number that may not be known, -1 then.
func value(n *uint64) int64 {
	if n == nil {
		return -1
	}
	return int64(*n)
}

// TestProgramForgotten has the peer of a connection that fell back end first: when all
// is over the kernel may have forgotten its counts, and none are made up then.
func TestProgramForgotten(t *testing.T) {
	p, n := newPlace(t), &notes{}
	peer := p.start(strings.NewReader("hello"), io.Discard, "ncat", "-l", "9000")
	p.listening(9000)
	o := netcat.Options{Observer: n.observer(), Program: netcat.Shell("cat >/dev/null; echo bye; sleep 0.1")}
	finish(t, p.client(soon(t), allowTCP(9000), o))
	wait(t, peer)
	s := n.summaries[0]
	if s.Status.Kind != mptcp.KindFallback || s.Sent != nil && *s.Sent != 4 || s.Received != nil && *s.Received != 5 {
		t.Errorf("%s: sent %d, received %d", s.Status, value(s.Sent), value(s.Received))
	}
}
