package extract_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"allroads/internal/extract"
	"allroads/mptcp"
)

// rewriting is one path with a gateway that changes what it carries, which the
// checksums of MPTCP tell: the connection goes on as TCP.
const rewriting = `
name: extract-rewrite
hosts:
  - {name: client, sysctls: {net.mptcp.checksum_enabled: 1}}
  - {name: server, sysctls: {net.mptcp.checksum_enabled: 1}}
links:
  - name: a
    middlebox:
      - {do: rewrite, from: client, find: "PORT 10,1,0,2", replace: "PORT 10,9,9,9"}
    ends:
      - {host: client, interface: a, addresses: [10.1.0.2/24]}
      - {host: server, interface: a, addresses: [10.1.0.1/24]}
`

// TestFallback: a connection that falls back in the middle, to TCP without MPTCP's
// numbers, goes on beyond. What was received is compared, as Linux may lose data then.
//
// At times the kernel does not fall back but stands still: then it gets another try.
func TestFallback(t *testing.T) {
	for range 4 {
		if fallsBack(t) {
			return
		}
	}
	t.Error("it never falls back")
}

func fallsBack(t *testing.T) bool {
	t.Helper()
	n := startLab(t, rewriting)
	client, server := n.connect(t, "10.1.0.1:4321", 1)
	const changed = "PORT 10,1,0,2"
	up := append(append(random(9, 50_000), changed...), random(5, 100_000)...)
	down := random(6, 150_000)
	got, back := make(chan []byte), make(chan []byte)
	go receive(server, got)
	go receive(client, back)
	send(client, up)
	send(server, down)
	received := said{<-got, <-back}
	client.Close()
	server.Close()
	time.Sleep(100 * time.Millisecond) // for the last packets
	streams, summary, err := streams(t, extract.StreamOptions{}, "1", n.saved(t))
	if err != nil {
		t.Fatalf("%v, %+v", err, summary)
	}
	if !summary.Connection.Fallback {
		return false
	}
	// The server has what the gateway made of it.
	want := bytes.Replace(received.client, []byte("PORT 10,9,9,9"), []byte(changed), 1)
	if !bytes.HasPrefix(streams.client[1:], want) || !bytes.HasPrefix(up, streams.client[1:]) || len(want) < 50_013 {
		t.Errorf("client: %d bytes, %d of %d were received", len(streams.client), len(want), len(up))
	}
	if !bytes.HasPrefix(streams.server, received.server) || !bytes.HasPrefix(down, streams.server) || len(received.server) == 0 {
		t.Errorf("server: %d bytes, %d of %d were received", len(streams.server), len(received.server), len(down))
	}
	return true
}

func send(c *mptcp.Conn, b []byte) {
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := c.Write(b); err == nil {
		_ = c.CloseWrite()
	}
}

func receive(c *mptcp.Conn, to chan<- []byte) {
	b, _ := io.ReadAll(c)
	to <- b
}
