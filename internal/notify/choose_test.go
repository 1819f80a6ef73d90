package notify_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/choose"
	"allroads/internal/netns"
	"allroads/internal/notify"
)

// TestChoose: the rules decide at connect() and bind(), once for each socket, and what a
// socket was told before is kept.
func TestChoose(t *testing.T) {
	if netns.Inside() { // where the loopback interface is down
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	port := fmt.Sprint(server.Addr().(*net.TCPAddr).Port)
	const yes, no = "protocol 262 keepalive 1 flags 1 802", "protocol 6 keepalive 1 flags 1 802"
	only := func(rule string) []string { return []string{rule} }
	for _, c := range []struct {
		name            string
		only, except    []string
		words           string
		want            string
		converted, left int
	}{
		{"client", only(":" + port), nil, "- 127.0.0.1 " + port, yes, 1, 0},
		{"client at another port", only(":1"), nil, "- 127.0.0.1 " + port, no, 0, 1},
		{"client excepted", nil, only("127.0.0.0/8"), "- 127.0.0.1 " + port, no, 0, 1},
		{"client that chooses its source", only(":" + port), nil, "127.0.0.1 127.0.0.1 " + port, yes, 1, 0},
		{"server", only(":7077"), nil, "127.0.0.1 - 7077", yes, 1, 0},
		{"server at another port", only(":1"), nil, "127.0.0.1 - 7078", no, 0, 1},
		{"datagrams", only(":" + port), nil, "- 127.0.0.1 " + port + " udp", "protocol 17 keepalive 1 flags 1 802", 0, 0},
		{"datagrams elsewhere", only(":1"), nil, "- 127.0.0.1 " + port + " udp", "protocol 17 keepalive 1 flags 1 802", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, err := choose.New(context.Background(), c.only, c.except)
			if err != nil {
				t.Fatal(err)
			}
			r := start(t, notify.Options{Choose: rules}, append([]string{program(t), "talk"}, strings.Fields(c.words)...)...)
			got := r.wait(t)
			got = strings.Replace(got, "connect: Operation now in progress\n", "", 1)
			s, left := r.tally.Sockets(), 0
			for _, reason := range s.Left {
				left += reason.Count
			}
			if got != c.want || s.Converted != c.converted || left != c.left {
				t.Errorf("%q, want %q; tally %+v", got, c.want, s)
			}
		})
	}
}
