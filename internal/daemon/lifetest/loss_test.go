package lifetest_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// batch has ip(8) do several things in the client.
func (n *network) batch(commands string) {
	n.t.Helper()
	command := n.client.Command("ip", "-batch", "-")
	command.Stdin = strings.NewReader(commands)
	if out, err := command.CombinedOutput(); err != nil {
		n.t.Fatalf("%v: %s", err, out)
	}
}

// noise is 10,000 changes of addresses that come to nothing.
func noise() string {
	var batch strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&batch, "address add 10.2.%d.%d/32 dev blue\naddress delete 10.2.%[1]d.%[2]d/32 dev blue\n", 1+i/250, 1+i%250)
	}
	return batch.String()
}

// TestManyChangesAtOnce: 10,000 changes while it stands still are done with within a second.
func TestManyChangesAtOnce(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.whileStopped(func() { l.batch(noise() + "address delete 10.2.0.1/24 dev blue\n") })
	l.calms("10,000 changes while it stood still", "10.1.0.1")
	t.Logf("losses in the status: %+v", l.d.namespace().Losses)
}

// whileStopped does something while allroadsd stands still for a second.
func (l *life) whileStopped(do func()) {
	l.t.Helper()
	send(l.t, l.d.command.Process, syscall.SIGSTOP)
	begun := time.Now()
	do()
	time.Sleep(time.Until(begun.Add(time.Second)))
	send(l.t, l.d.command.Process, syscall.SIGCONT)
}

// TestEventsLost: more changes than the kernel keeps for a process that stands still. What
// it finds when it goes on is what counts, and the loss is not kept a secret.
func TestEventsLost(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	rounds := 0
	l.whileStopped(func() {
		for ; rounds < 20 && l.drops() == 0; rounds++ {
			l.batch(noise())
		}
		l.batch("address add 10.2.0.7/24 dev blue\naddress delete 10.1.0.1/24 dev red\naddress add 10.2.0.8/24 dev blue\n")
	})
	if l.drops() == 0 {
		t.Fatalf("the kernel has dropped nothing of %d changes", rounds*10000)
	}
	l.settles(fmt.Sprintf("%d changes while it stood still, some lost", rounds*10000), "10.2.0.1", "10.2.0.7", "10.2.0.8")
	losses := l.d.namespace().Losses
	t.Logf("losses in the status: %+v", losses)
	if losses.Network == 0 || losses.Resyncs == 0 || losses.Last == nil {
		t.Errorf("losses in the status: %+v, want some of the network and a resync", losses)
	}
	l.ip("address add 10.1.0.1/24 dev red")
	l.ip("route add default via 10.1.0.2 dev red metric 100")
	l.settles("the next change", "10.1.0.1", "10.2.0.1", "10.2.0.7", "10.2.0.8")
}

// drops is how many messages the kernel could not keep for rtnetlink sockets of the
// client's namespace.
func (l *life) drops() (dropped int) {
	l.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/netlink", l.d.command.Process.Pid))
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var n int
		if words := strings.Fields(line); len(words) > 8 && words[1] == "0" {
			if _, err := fmt.Sscan(words[8], &n); err != nil {
				l.t.Fatalf("drops in %q: %v", line, err)
			}
			dropped += n
		}
	}
	return dropped
}

// TestManyChanges while it runs: what is asked for last holds.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.batch(strings.Repeat("address delete 10.2.0.1/24 dev blue\naddress add 10.2.0.1/24 dev blue\n", 500) + "address delete 10.2.0.1/24 dev blue\n")
	l.calms("1,000 changes while it ran", "10.1.0.1")
}
