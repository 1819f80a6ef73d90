package bench

import (
	"strings"
	"testing"
	"time"
)

// TestFallbackInTheMiddle alters requests, in the midst of a test: sums that are wrong
// make plain TCP of the connection (RFC 8684, section 3.7), which is told. (With more
// in flight than one request, Linux 6.18 resets the subflow instead.)
func TestFallbackInTheMiddle(t *testing.T) {
	t.Parallel()
	const size = 1000
	n := serve(t, parse(t, `
name: altered
hosts:
  - {name: client, sysctls: {net.mptcp.checksum_enabled: 1}}
  - {name: server, sysctls: {net.mptcp.checksum_enabled: 1}}
links:
  - name: red
    ends: [{host: client, addresses: [10.0.0.2/24]}, {host: server, addresses: [10.0.0.1/24]}]
    middlebox: [{do: rewrite, find: `+word(t, size)+`, replace: "00", from: client, after: 20kB}]
`), &Server{})
	o := n.options(func(o *Options) {
		o.Subflows, o.Params.Mode, o.Params.Size, o.Params.Duration = 0, Latency, size, 300*time.Millisecond
		o.Observer.Connected = func(c []Connection) {
			if !c[0].MPTCP {
				t.Errorf("at first it is %s", c[0].Status)
			}
		}
	})
	r, err := n.run(t.Context(), o)
	says(t, err, "connection 1 did not stay mptcp, which it has to: fell back to tcp: ")
	if r == nil || !r.Complete || len(r.Errors) > 0 {
		t.Fatalf("result %+v", r)
	}
	if c := r.Connections[0]; c.MPTCP || !strings.HasPrefix(c.Status, "fell back to tcp: ") || !strings.HasPrefix(*c.ServerStatus, "fell back to tcp: ") {
		t.Errorf("in the end it is %s, the server says %s", c.Status, *c.ServerStatus)
	}
	all := r.Latency.Responses * size
	if f := r.Upload; all < 30_000 || *f.Bytes != all || len(f.Subflows) != 1 || *f.Subflows[0].Received != all || *f.Subflows[0].Sent < all {
		t.Errorf("%d responses, subflows %+v", r.Latency.Responses, f.Subflows)
	}
}

// word is two letters that are in a request.
func word(t *testing.T, size int) string {
	t.Helper()
	request, letter := noise(size), func(c byte) bool { return c >= 'a' && c <= 'z' }
	for i := 1; i < size; i++ {
		if letter(request[i-1]) && letter(request[i]) {
			return string(request[i-1 : i+1])
		}
	}
	t.Fatal("nothing but noise")
	return ""
}
