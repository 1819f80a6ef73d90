package lifetest_test

import (
	"fmt"
	"net/netip"
	"strings"
)

// kill has the kernel end the subflow of a connection that comes from an address, with
// an RST, as `ss -K` does.
func (n *network) kill(c *connection, from string) {
	n.t.Helper()
	for _, end := range c.subflows() {
		if end.Addr() != netip.MustParseAddr(from) {
			continue
		}
		out := n.run(n.client, "ss", "-K", "-t", "-n", "-H", "src", end.Addr().String(), "sport", "=", fmt.Sprint(end.Port()))
		if !strings.Contains(out, fmt.Sprint(end.Port())) {
			n.t.Fatalf("ss -K killed nothing: %q", out)
		}
		return
	}
	n.t.Fatalf("no subflow from %s to kill", from)
}
