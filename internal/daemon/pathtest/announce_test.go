package pathtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allroads/wire"

	"golang.org/x/sys/unix"
)

// serverConfig is a configuration that announces the address of one interface.
const serverConfig = `mode: userspace
interfaces:
  - match: {names: [%s], family: ipv4}
    role: signal
    needs: address
    %s
  - match: {names: ["*"]}
    role: never
`

// TestAnnounce: allroadsd in the server announces an address of a second uplink, and
// listens where that takes a port of its own. The client, with the kernel's path manager,
// takes it.
func TestAnnounce(t *testing.T) {
	for _, test := range []struct {
		name, lab, settings string
		outside, inside     uint16 // ports of the router's rule, 0: none is needed
		announced, join     string
	}{
		{"address", "server", "", 0, 0, "10.0.2.1", "blue 10.0.2.2 > 10.0.2.1:80"},
		{"port", "server", "announce: {port: 8080}", 0, 0, "10.0.2.1:8080", "blue 10.0.2.2 > 10.0.2.1:8080"},
		{"NAT", "nat", "announce: {address: 203.0.113.1}", 80, 80, "203.0.113.1", "blue 203.0.113.2 > 203.0.113.1:80"},
		{"NAT of the port", "nat", "announce: {address: 203.0.113.1, port: 8443, listen: 80}", 8443, 80,
			"203.0.113.1:8443", "blue 203.0.113.2 > 203.0.113.1:8443"},
		{"NAT to another port", "nat", "announce: {address: 203.0.113.1, port: 8443, listen: 9443}", 8443, 9443,
			"203.0.113.1:8443", "blue 203.0.113.2 > 203.0.113.1:8443"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, test.lab)
			if test.inside != 0 {
				s.forward(test.outside, test.inside)
			}
			device := map[string]string{"server": "blue", "nat": "inside"}[test.lab]
			dir := s.tempDir()
			config := filepath.Join(dir, "allroads.yaml")
			must(t, os.WriteFile(config, fmt.Appendf(nil, serverConfig, device, test.settings), 0o644))
			s.watch("client")
			daemon := s.allroadsdIn(s.server, config, dir)
			s.echoes("0.0.0.0:80")
			crowd := s.crowd(3, addr("10.0.1.1:80"))
			s.joins(test.join, test.join, test.join)
			s.settled(test.join, test.join, test.join)
			s.announcedOnly(test.announced, 3)
			crowd.pings(t)
			daemon.stop(unix.SIGTERM)
			s.await("nobody listens for it any more", func() bool {
				return !strings.Contains(s.in(s.server, "ss", "-Mltn"), "443") && !strings.Contains(s.in(s.server, "ss", "-Mltn"), "8080")
			})
			time.Sleep(quiet)
			crowd.pings(t)
		})
	}
}

// announcedOnly holds that each of n connections was told of one address and of no other.
func (s *site) announcedOnly(want string, n int) {
	s.Helper()
	found := map[string]int{}
	for _, note := range told[*wire.AddAddr](s.wire) {
		o := note.what.(*wire.AddAddr)
		if text := o.Addr.String(); !o.Echo {
			if o.HasPort {
				text = fmt.Sprintf("%s:%d", text, o.Port)
			}
			found[text]++
		}
	}
	if len(found) != 1 || found[want] < n {
		s.Errorf("announced: %v, want %d times %s", found, n, want)
	}
}
