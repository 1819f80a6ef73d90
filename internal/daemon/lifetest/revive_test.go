package lifetest_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRevived: a subflow that was killed is made again, though the kernel does nothing.
func TestRevived(t *testing.T) {
	t.Parallel()
	l := newLife(t, everything+"routing: true\n")
	for range 2 {
		l.kill(l.c, "10.2.0.1")
		t.Logf("measured: subflow after ss -K, back-off included: %v", wait(t, "subflow after ss -K", l.c.from("10.1.0.1", "10.2.0.1")))
	}
	if counts := l.d.namespace().Connections; counts.Lost < 2 || counts.Retried < 2 {
		t.Errorf("after two losses the status has %+v", counts)
	}
}

// TestRevivedWhenAlone: where making it again would end another connection's subflow, it
// waits until that one needs the endpoint no more, and says so.
func TestRevivedWhenAlone(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	other := l.connect("10.1.0.1")
	await(t, "subflows of the other connection", other.from("10.1.0.1", "10.2.0.1"))
	before := fmt.Sprint(other.subflows())
	l.kill(l.c, "10.2.0.1")
	await(t, "it is said what waits", l.waits("10.2.0.1"))
	stays(t, "while another connection uses the endpoint", 500*time.Millisecond, func() error {
		if now := fmt.Sprint(other.subflows()); now != before {
			return fmt.Errorf("the other connection's subflows are %s, before %s", now, before)
		}
		return l.c.from("10.1.0.1")()
	})
	other.Close()
	await(t, "subflow after the other connection's end", l.c.from("10.1.0.1", "10.2.0.1"))
}

// waits checks that the status names something about an address that waits.
func (l *life) waits(address string) func() error {
	return func() error {
		pending := l.d.namespace().Pending
		for _, p := range pending {
			if strings.Contains(p.What, address) {
				return nil
			}
		}
		return fmt.Errorf("nothing about %s waits: %+v", address, pending)
	}
}

// nft loads rules into the server's firewall, in place of those that were there.
func (n *network) nft(rules string) {
	n.t.Helper()
	n.run(n.server, "nft", "flush ruleset")
	if rules != "" {
		n.run(n.server, "nft", "table inet filter { chain input { type filter hook input priority 0; "+rules+"; }; }")
	}
}

// pour sends so much that all subflows carry some of it, until the test ends.
func (c *connection) pour() {
	go func() {
		for {
			if _, err := c.Write(make([]byte, 64<<10)); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	go func() {
		for b := make([]byte, 64<<10); ; {
			if _, err := c.Read(b); err != nil {
				return
			}
		}
	}()
}

// TestRefused: a path on which everything is answered with an RST comes back when that is
// over; meanwhile it is tried at growing intervals.
func TestRefused(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.sysctl("net.ipv6.conf.all.disable_ipv6", "1") // Whose addresses come about late, and are changes.
	l.c.pour()
	l.nft("ip saddr 10.2.0.1 tcp flags & (syn | ack) == syn counter reject with tcp reset; ip saddr 10.2.0.1 reject with tcp reset")
	wait(t, "subflow reset", l.c.from("10.1.0.1"))
	wait(t, "a try to make it again", func() error {
		if l.refused() == 0 {
			return errors.New("there is none")
		}
		return nil
	})
	time.Sleep(1500 * time.Millisecond)
	if tries := l.refused(); tries > 3 {
		t.Errorf("%d SYN in the 1.5 s after the first was refused: that is no back-off", tries)
	} else {
		t.Logf("measured: %d SYN in the 1.5 s after the first was refused", tries-1)
	}
	next := l.next("10.2.0.1")
	t.Logf("measured: the next try is in %v", time.Until(next).Round(time.Millisecond))
	if time.Until(next) < 2*time.Second { // 5 s, less a quarter and what has passed of it.
		t.Errorf("the status says that the next try is in %v, after one was refused", time.Until(next))
	}
	l.nft("")
	if os.Getenv("ALLROADS_LONG") == "" {
		l.ip("address add 192.0.2.1/32 dev lo") // Whatever changes is an occasion to try.
	} else {
		time.Sleep(time.Until(next))
	}
	took := wait(t, "subflow after the path is open again", l.c.from("10.1.0.1", "10.2.0.1"))
	t.Logf("measured: subflow after the path is open again and it is time: %v", took)
}

// next is when a lost subflow from an address is made again.
func (l *life) next(address string) time.Time {
	l.t.Helper()
	for _, p := range l.d.namespace().Pending {
		if strings.Contains(p.What, address) && p.Next != nil {
			return *p.Next
		}
	}
	l.t.Fatalf("the status does not say when a subflow from %s is tried again", address)
	return time.Time{}
}

// refused is how many packets the first counter of the server's firewall has.
func (n *network) refused() (packets int) {
	n.t.Helper()
	text := n.run(n.server, "nft", "list ruleset")
	_, after, _ := strings.Cut(text, "counter packets ")
	if _, err := fmt.Sscan(after, &packets); err != nil {
		n.t.Fatalf("no counter: %v:\n%s", err, text)
	}
	return packets
}

// TestBlackHole: a subflow that timed out is made again when its path lets packets pass.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.sysctl("net.ipv4.tcp_retries2", "2")
	l.sysctl("net.ipv4.tcp_syn_retries", "1")
	l.c.pour()
	time.Sleep(50 * time.Millisecond)
	l.nft("iif blue counter drop")
	wait(t, "subflow timed out", l.c.from("10.1.0.1"))
	l.nft("")
	t.Logf("measured: subflow after the path is whole again, back-off included: %v", wait(t, "subflow after the path is whole again", l.c.from("10.1.0.1", "10.2.0.1")))
}

// TestRevivedAfterRestart: what was lost while nobody was there is found at the start.
func TestRevivedAfterRestart(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the kernel gets time to make it by itself")
	}
	l := newLife(t, routed)
	l.d.stop(syscall.SIGKILL)
	l.kill(l.c, "10.2.0.1")
	l.d.begin()
	took := waitFor(t, 30*time.Second, "subflow lost before the start", l.c.from("10.1.0.1", "10.2.0.1"))
	t.Logf("measured: subflow lost before the start, time for the kernel included: %v", took)
}
