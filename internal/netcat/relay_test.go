package netcat_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"allroads/internal/netcat"
)

// peers are programs of others, with the words in front that make them MPTCP.
var peers = map[string][]string{"tcp": {"ncat"}, "mptcp": {"mptcpize", "run", "ncat"}}

// TestBinary sends megabytes of all byte values both ways at once, with ncat at
// either end.
func TestBinary(t *testing.T) {
	there, back := noise(1, 5_000_000), noise(2, 3_000_001)
	for name, ncat := range peers {
		t.Run("connect-"+name, func(t *testing.T) {
			t.Parallel()
			p, n := newPlace(t), &notes{}
			var got, replied buffer
			peer := p.start(bytes.NewReader(back), &got, append(ncat, "-l", "9000")...)
			p.listening(9000)
			// An ncat that listens does not send the rest when it has heard the end.
			input := io.MultiReader(bytes.NewReader(there), &once{do: func() {
				eventually(t, "all has come", func() bool { return replied.Len() == len(back) })
			}})
			finish(t, p.client(soon(t), allowTCP(9000), netcat.Options{Input: input, Output: &replied, Observer: n.observer()}))
			wait(t, peer)
			same(t, "sent", []byte(got.String()), there)
			same(t, "received", []byte(replied.String()), back)
			expectKind(t, n, name)
		})
		t.Run("listen-"+name, func(t *testing.T) {
			t.Parallel()
			p, n := newPlace(t), &notes{}
			var got, replied bytes.Buffer
			ours := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: bytes.NewReader(back), Output: &replied, Observer: n.observer()})
			wait(t, p.start(bytes.NewReader(there), &got, append(ncat, "127.0.0.1", "9000")...))
			finish(t, ours)
			same(t, "sent", got.Bytes(), back)
			same(t, "received", replied.Bytes(), there)
			expectKind(t, n, name)
		})
	}
}

func allowTCP(port uint16) netcat.Client {
	c := to(port)
	c.Dialer.AllowTCP = true
	return c
}

// expectKind holds what was told of a connection to what its peer can do.
func expectKind(t *testing.T, n *notes, peer string) {
	t.Helper()
	if len(n.connected) != 1 || len(n.summaries) != 1 {
		t.Fatalf("told of %d connections, and the end of %d", len(n.connected), len(n.summaries))
	}
	s := n.summaries[0]
	kind := s.Status.Kind.String()
	wrong := kind != "mptcp"
	if peer == "tcp" {
		wrong = kind != "fell back to tcp" && kind != "plain tcp"
	}
	if wrong {
		t.Errorf("with a peer of %s, it is %s", peer, s.Status)
	}
	if s.Sent == nil || s.Received == nil || *s.Sent+*s.Received != 8_000_001 {
		t.Errorf("sent %v, received %v", s.Sent, s.Received)
	}
}

// TestHalfClose has each side end first, and hear the other out.
func TestHalfClose(t *testing.T) {
	for name, first := range map[string]bool{"client-first": true, "server-first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			heard, late, err := os.Pipe()
			must(t, err)
			early := bytes.NewReader([]byte("early"))
			var atServer, atClient closing
			server, client := netcat.Options{Input: heard, Output: &atServer}, netcat.Options{Input: early, Output: &atClient}
			told := &atServer
			if !first {
				server.Input, client.Input = early, heard
				told = &atClient
			}
			listens := p.server(soon(t), netcat.Server{Port: 9000}, server)
			connects := p.client(soon(t), to(9000), client)
			eventually(t, "the end comes through", told.isClosed)
			if _, err := io.WriteString(late, "late"); err != nil {
				t.Fatal(err)
			}
			late.Close()
			finish(t, listens)
			finish(t, connects)
			if all := atServer.String() + atClient.String(); all != "earlylate" && all != "lateearly" {
				t.Errorf("received %q", all)
			}
		})
	}
}

// closing is a buffer that knows when it is closed.
type closing struct {
	buffer
	closed bool
}

func (c *closing) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

func (c *closing) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// TestOneWay holds --send-only, --recv-only and --no-shutdown against ncat.
func TestOneWay(t *testing.T) {
	t.Run("send-only", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t)
		var got, ours bytes.Buffer
		// The peer goes on talking: its words are nothing to wait for.
		silence, talk, err := os.Pipe()
		must(t, err)
		defer talk.Close()
		peer := p.start(io.MultiReader(bytes.NewReader(noise(1, 100_000)), silence), &got, "ncat", "-l", "9000")
		p.listening(9000)
		finish(t, p.client(soon(t), allowTCP(9000), netcat.Options{Input: bytes.NewReader(noise(2, 8_000_000)), Output: &ours, SendOnly: true}))
		talk.Close()
		wait(t, peer)
		same(t, "sent", got.Bytes(), noise(2, 8_000_000))
		if ours.Len() > 0 {
			t.Errorf("received %d bytes", ours.Len())
		}
	})
	t.Run("recv-only", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t)
		var got, ours bytes.Buffer
		peer := p.start(bytes.NewReader([]byte("from ncat")), &got, "ncat", "--send-only", "-l", "9000")
		p.listening(9000)
		finish(t, p.client(soon(t), allowTCP(9000), netcat.Options{Input: bytes.NewReader([]byte("no")), Output: &ours, RecvOnly: true}))
		wait(t, peer)
		if ours.String() != "from ncat" || got.Len() > 0 {
			t.Errorf("received %q, sent %q", &ours, &got)
		}
	})
	t.Run("no-shutdown", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t)
		var atServer closing
		never, talk, err := os.Pipe()
		must(t, err)
		server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: never, Output: &atServer})
		client := p.client(soon(t), to(9000), netcat.Options{Input: bytes.NewReader([]byte("x")), Output: io.Discard, NoShutdown: true})
		eventually(t, "x comes", func() bool { return atServer.String() == "x" })
		if atServer.isClosed() {
			t.Error("the server has seen the end")
		}
		talk.Close() // The server ends; that ends the client, and so the server.
		finish(t, client)
		finish(t, server)
		if !atServer.isClosed() {
			t.Error("the server has not seen the end")
		}
	})
}
