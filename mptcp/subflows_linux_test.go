package mptcp

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"allroads/internal/netns"
)

// twoPaths makes a namespace in which a client at 127.0.0.1 has a second path,
// from 127.0.0.2.
func twoPaths(t testing.TB) *netns.NS {
	t.Helper()
	requireMPTCP(t)
	ns := newNamespace(t)
	run(t, ns, "ip mptcp limits set subflows 2 add_addr_accepted 2")
	run(t, ns, "ip mptcp endpoint add 127.0.0.2 dev lo subflow")
	return ns
}

// connectTwice makes a connection with both paths in use.
func connectTwice(t testing.TB) (ns *netns.NS, client, server *Conn) {
	t.Helper()
	ns = twoPaths(t)
	client, server = connectIn(t, ns, loopback4)
	exchange(t, client, server, "a connection without data has one subflow")
	for _, end := range []*Conn{client, server} {
		if err := end.WaitSubflows(soon(t), 2); err != nil {
			t.Fatal(err)
		}
	}
	return ns, client, server
}

func TestTwoSubflows(t *testing.T) {
	_, client, server := connectTwice(t)
	exchange(t, client, server, strings.Repeat("over both paths ", 100_000))
	settle(t, client, server)

	ours, theirs := subflowsOf(t, client), subflowsOf(t, server)
	if len(ours) != 2 || len(theirs) != 2 {
		t.Fatalf("%d and %d subflows, want 2 at both ends", len(ours), len(theirs))
	}
	sources := []netip.Addr{ours[0].Local.Addr(), ours[1].Local.Addr()}
	want := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	if diff := cmp.Diff(want, sources, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("local addresses (-want +got):\n%s", diff)
	}
	for i, s := range ours {
		if s.ID != nil && *s.ID != uint32(i+1) {
			t.Errorf("subflow %d has id %d", i, *s.ID)
		}
		checkPeerSubflow(t, s, theirs)
	}
}

// checkPeerSubflow looks for the other end of a subflow, and compares the bytes
// both ends speak of.
func checkPeerSubflow(t *testing.T, s Subflow, among []Subflow) {
	t.Helper()
	for _, peer := range among {
		if peer.Local != s.Remote || peer.Remote != s.Local {
			continue
		}
		if s.State != StateEstablished || peer.State != StateEstablished {
			t.Errorf("states %s and %s, want ESTABLISHED", s.State, peer.State)
		}
		if s.BytesReceived != peer.BytesSent-peer.BytesRetransmitted {
			t.Errorf("subflow from %s received %d bytes of %d sent", s.Local, s.BytesReceived, peer.BytesSent)
		}
		if s.RTT <= 0 || s.RTT > time.Minute {
			t.Errorf("subflow from %s has RTT %v", s.Local, s.RTT)
		}
		return
	}
	t.Errorf("subflow %s -> %s has no other end among %+v", s.Local, s.Remote, among)
}

// What older kernels have must give what MPTCP_FULL_INFO gives, but for the ids.
func TestJoinedEqualsFull(t *testing.T) {
	_, client, server := connectTwice(t)
	exchange(t, client, server, strings.Repeat("0123456789", 10_000))
	settle(t, client, server)
	for _, end := range []*Conn{client, server} {
		full, err := control(end, readFull)
		if err != nil {
			t.Skipf("without MPTCP_FULL_INFO: %v", err)
		}
		joined, err := control(end, readJoined)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(full, joined, cmpopts.IgnoreFields(Subflow{}, "ID"),
			equateAddrs); diff != "" {
			t.Errorf("MPTCP_FULL_INFO and the older options differ:\n%s", diff)
		}
	}
}

// More subflows than there is room for at first are read in a second go.
func TestRoomForSubflows(t *testing.T) {
	_, client, _ := connectTwice(t)
	full, err := control(client, func(fd int) (*fullInfo, error) { return readFullInfo(fd, 1) })
	if err != nil {
		t.Skipf("without MPTCP_FULL_INFO: %v", err)
	}
	addrs, err := control(client, func(fd int) ([]byte, error) {
		return readSubflowData(fd, optSubflowAddrs, addrsSize, 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	if full.count() != 2 || subflowDataCount(addrs) != 2 {
		t.Errorf("counts %d and %d, want 2 whatever the room", full.count(), subflowDataCount(addrs))
	}
	if _, err := full.subflows(); err == nil {
		t.Error("decodes two subflows where there was room for one")
	}
	if _, err := parseSubflowData("subflow addresses", addrs); err == nil {
		t.Error("decodes two addresses where there was room for one")
	}
}

func TestWaitSubflowsEnds(t *testing.T) {
	_, client, _ := connectTwice(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := client.WaitSubflows(ctx, 3)
	const want = "wait for 3 established subflows: 2 there (2 ESTABLISHED): context deadline exceeded"
	var short *SubflowsError
	if !errors.As(err, &short) || !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
		t.Fatalf("error %v, want %s", err, want)
	}
	if short.Want != 3 || len(short.Subflows) != 2 {
		t.Errorf("error says %+v", short)
	}
	if err := client.WaitSubflows(ctx, 2); err != nil {
		t.Errorf("what is there is not found once the context has ended: %v", err)
	}
}

// A join whose SYN nobody answers is no subflow yet, though the connection's
// own counter has it.
func TestHalfOpenSubflow(t *testing.T) {
	requireMPTCP(t)
	ns := newNamespace(t)
	run(t, ns, "ip route add 192.0.2.9 dev lo") // Sent to itself and not its own: dropped.
	run(t, ns, "ip mptcp limits set subflows 2 add_addr_accepted 2")
	run(t, ns, "ip mptcp endpoint add 192.0.2.9 signal")
	client, server := connectIn(t, ns, loopback4)
	exchange(t, client, server, "now announce 192.0.2.9")

	deadline := time.Now().Add(10 * time.Second)
	for len(subflowsOf(t, client)) < 2 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	info, err := client.Info()
	if err != nil {
		t.Fatal(err)
	}
	if info.ExtraSubflows != 1 {
		t.Errorf("the counter says %d extra subflows; this test is about its saying 1", info.ExtraSubflows)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	const want = "wait for 2 established subflows: 2 there (1 ESTABLISHED, 1 SYN_SENT): context deadline exceeded"
	if err := client.WaitSubflows(ctx, 2); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A subflow that is closed is no longer listed, and the others keep their numbers.
func TestClosedSubflow(t *testing.T) {
	ns, client, server := connectTwice(t)
	run(t, ns, "ip mptcp endpoint delete id 1")
	deadline := time.Now().Add(10 * time.Second)
	for len(subflowsOf(t, client)) > 1 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	left := subflowsOf(t, client)
	if len(left) != 1 || left[0].Local.Addr() != loopback4.Addr() || left[0].ID != nil && *left[0].ID != 1 {
		t.Errorf("left is %+v, want the initial subflow", left)
	}
	exchange(t, client, server, "one is enough")
}
