package pathtest_test

import (
	"strings"
	"testing"
	"time"

	"allroads/wire"
)

// firewall gives the server a rule for what comes in, and returns how to take all such
// rules away.
func (s *site) firewall(rule string) (open func()) {
	s.Helper()
	need(s, "nft")
	s.in(s.server, "nft", "add", "table", "inet", "test")
	s.in(s.server, "nft", "add chain inet test in { type filter hook input priority 0 ; }")
	s.in(s.server, "nft", "add rule inet test in "+rule)
	return func() { s.in(s.server, "nft", "delete", "table", "inet", "test") }
}

const blueJoin = "blue 10.0.2.2 > 10.0.1.1:80"

// begin begins what tests of repeated attempts have in common: a fullmesh of red and blue.
func begin(t *testing.T, config string) *site {
	t.Helper()
	t.Parallel()
	s := build(t, "two")
	s.watch("client")
	s.allroadsd(config)
	s.sink(s.server, "0.0.0.0:80")
	return s
}

// tried are the attempts from blue: each is from a port of its own.
func (s *site) tried() (all []join) {
	for _, j := range s.wire.asked() {
		if j.link == "blue" {
			all = append(all, j)
		}
	}
	return all
}

// TestRefused: the peer refuses, and then does not any more. It is tried again after
// seconds, not at once and not never.
func TestRefused(t *testing.T) {
	s := begin(t, "two")
	open := s.firewall("ip saddr 10.0.2.2 tcp flags syn reject with tcp reset")
	s.talk("10.0.1.1:80")
	s.await("the first attempt", func() bool { return len(s.tried()) == 1 })
	time.Sleep(time.Second)
	if n := len(s.tried()); n != 1 {
		t.Errorf("%d attempts within a second", n)
	}
	open()
	s.joins(blueJoin)
	all := s.tried()
	wait := time.Duration(all[1].at - all[0].at)
	t.Logf("measured: tried again %v after the refusal", wait)
	if len(all) != 2 || wait < 3*time.Second || wait > 8*time.Second {
		t.Errorf("%d attempts, the second after %v", len(all), wait)
	}
}

// TestUnanswered: the network swallows the SYNs, and then does not any more.
func TestUnanswered(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	s := begin(t, "two")
	s.set(s.client, "net.ipv4.tcp_syn_retries", "1")
	open := s.firewall("ip saddr 10.0.2.2 drop")
	s.talk("10.0.1.1:80")
	s.await("the kernel gives up the first attempt, and it is tried again", func() bool { return len(s.tried()) == 2 })
	open()
	s.joins(blueJoin)
	all := s.tried()
	t.Logf("measured: tried again %v after the first SYN", time.Duration(all[1].at-all[0].at))
}

// TestLost: an established subflow is reset. It is made again after about a second.
func TestLost(t *testing.T) {
	s := begin(t, "two")
	s.talk("10.0.1.1:80")
	s.joins(blueJoin)
	open := s.firewall("ip saddr 10.0.2.2 tcp flags & (syn|rst) == 0 reject with tcp reset")
	s.await("the subflow is lost", func() bool { return s.counter("MPJoinAckRx") == 0 && s.subflows()[1] == 1 })
	lost := time.Now()
	open()
	s.joins(blueJoin, blueJoin)
	t.Logf("measured: made again %v after it was lost", time.Since(lost))
	s.settled(blueJoin, blueJoin)
}

// TestProhibited: the peer takes no further subflows, says so (MP_TCPRST, reason 3), and
// is left alone.
func TestProhibited(t *testing.T) {
	s := begin(t, "two")
	s.in(s.server, "ip", "mptcp", "limits", "set", "subflows", "0")
	s.talk("10.0.1.1:80")
	s.await("the peer says why it refuses", func() bool {
		for _, n := range told[*wire.MPTCPRst](s.wire) {
			if n.what.(*wire.MPTCPRst).Reason == wire.ResetProhibited {
				return true
			}
		}
		return false
	})
	time.Sleep(3 * time.Second)
	if n := len(s.tried()); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// TestDenied: the server wants no subflows to its initial address (deny_join_id0), and
// gets them to the one that it announces alone.
func TestDenied(t *testing.T) {
	t.Parallel()
	s := build(t, "announced")
	s.set(s.server, "net.mptcp.allow_join_initial_addr_port", "0")
	s.watch("client")
	s.allroadsd("fullmesh")
	s.sink(s.server, "0.0.0.0:80")
	s.talk("10.0.1.1:80")
	want := []string{"red 10.0.1.2 > 10.0.2.1:80", "blue 10.0.2.2 > 10.0.2.1:80", "green 10.0.3.2 > 10.0.2.1:80"}
	s.joins(want...)
	s.settled(want...)
}

// TestWithdrawn: the server withdraws what it had announced: its subflows go, and none is
// tried there again.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	s := build(t, "announced")
	s.watch("client")
	s.allroadsd("fullmesh")
	s.sink(s.server, "0.0.0.0:80")
	talk := s.talk("10.0.1.1:80")
	s.await("all subflows are there", func() bool { return len(talk.paths()) == 6 })
	s.in(s.server, "ip", "mptcp", "endpoint", "delete", "id", "1")
	gone := func() bool { return !strings.Contains(strings.Join(talk.paths(), "\n"), "10.0.2.1:80") }
	s.await("the subflows to it are gone", gone)
	before := len(s.wire.asked())
	time.Sleep(2 * time.Second)
	if now := len(s.wire.asked()); now != before || !gone() {
		t.Errorf("%d subflows were asked for after the address was withdrawn: %v", now-before, talk.paths())
	}
}

// TestFamilies: connections of sockets of either family, to addresses of either.
func TestFamilies(t *testing.T) {
	for name, test := range map[string]struct {
		dial  string
		joins []string
	}{
		"IPv4":                   {"10.0.1.1:80", []string{blueJoin}},
		"IPv4 by an IPv6 socket": {"[::ffff:10.0.1.1]:80", []string{blueJoin}},
		"IPv6":                   {"[fd00:1::1]:80", []string{"blue fd00:2::2 > [fd00:1::1]:80"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := build(t, "two6")
			s.watch("client")
			s.allroadsd("two")
			s.echoes("10.0.1.1:80", "[fd00:1::1]:80")
			s.crowd(1, addr(test.dial)).pings(t)
			s.joins(test.joins...)
			s.settled(test.joins...)
		})
	}
}

// TestLinkLocal: a connection between link-local addresses, which mean something on one
// interface only: subflows are asked for on that one, bound to it.
func TestLinkLocal(t *testing.T) {
	t.Parallel()
	s := build(t, "two6")
	s.watch("client")
	s.allroadsd("link-local")
	s.echoes("[fe80::1%red]:80")
	s.crowd(1, addr("[fe80::1%red]:80")).pings(t)
	want := "red fe80::2 > [fe80::1]:80"
	s.joins(want)
	s.settled(want)
}
