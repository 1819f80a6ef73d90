package mptcp_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// What is sent again over a path that loses packets is counted as ss counts it, on
// the subflow that it happens to.
func TestRetransmissionsAgreeWithSS(t *testing.T) {
	network := uplinks(t, "delay: 1ms", "")
	l := listen(t, network, serverAt)
	client, err := dial(t, network, mptcp.Dialer{}, l.AddrPort())
	must(t, err)
	server := accept(t, l)
	// Not before: SYNs that get lost make the kernel fall back.
	must(t, network.Link("red").Set(lab.Impairment{Loss: 20}))
	for deadline := time.Now().Add(patience); firstSubflow(t, client).Retransmissions < 3; {
		say(t, client, server, strings.Repeat("again and again ", 1000))
		if time.Now().After(deadline) {
			t.Fatal("nothing was sent again")
		}
	}
	var s mptcp.Subflow
	var out string
	for range 50 { // Until nothing changes between our look and that of ss.
		s = firstSubflow(t, client)
		out = output(t, network, "client", "ss", "-Htni", "src", s.Local.String(), "dst", s.Remote.String())
		if s == firstSubflow(t, client) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	match := regexp.MustCompile(` retrans:[0-9]+/([0-9]+)`).FindStringSubmatch(out)
	if match == nil || match[1] != fmt.Sprint(s.Retransmissions) {
		t.Errorf("%d segments were sent again, and ss says: %s", s.Retransmissions, out)
	}
	if bytes := fmt.Sprintf(" bytes_retrans:%d ", s.BytesRetransmitted); s.BytesRetransmitted > 0 && !strings.Contains(out, bytes) {
		t.Errorf("want%sfrom ss: %s", bytes, out)
	}
}

func firstSubflow(t *testing.T, c *mptcp.Conn) mptcp.Subflow {
	t.Helper()
	subflows, err := c.Subflows()
	must(t, err)
	if len(subflows) == 0 {
		t.Fatal("no subflow is left")
	}
	subflows[0].ID = nil // It is a pointer to the same number each time.
	return subflows[0]
}
