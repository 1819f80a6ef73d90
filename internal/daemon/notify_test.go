package daemon

import (
	"net"
	"strings"
	"testing"
	"time"
)

// manager is a service manager that is told what its service does.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func listenUnixgram(t *testing.T, path string) *manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &manager{t, conn}
}

// expect waits for a message with all of some words.
func (m *manager) expect(words ...string) {
	m.t.Helper()
	buffer := make([]byte, 4096)
	if err := m.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	for {
		n, err := m.conn.Read(buffer)
		if err != nil {
			m.t.Fatalf("no message with %q: %v", words, err)
		}
		missing := false
		for _, word := range words {
			missing = missing || !strings.Contains(string(buffer[:n]), word)
		}
		if !missing {
			return
		}
	}
}
