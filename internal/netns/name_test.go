package netns_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

func inode(t testing.TB, ns *netns.NS) uint64 {
	t.Helper()
	number, err := ns.Inode()
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func publish(t testing.TB, ns *netns.NS, name string) {
	t.Helper()
	if err := ns.Publish(name); err != nil {
		t.Fatal(err)
	}
}

func unpublish(t testing.TB, name string) {
	t.Helper()
	if err := netns.Unpublish(name); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(netns.NameDir, name)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Unpublish %s is there: %v", name, err)
	}
}

func TestPublish(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns, other := netnstest.New(t), netnstest.New(t)
	publish(t, ns, "a-name.1")
	if got := netnstest.Output(t, other, "ip netns list"); got != "a-name.1\n" {
		t.Errorf("ip netns list = %q", got)
	}
	want := fmt.Sprintf("net:[%d]\n", inode(t, ns))
	if got := netnstest.Output(t, other, "ip netns exec a-name.1 readlink /proc/self/ns/net"); got != want {
		t.Errorf("ip netns exec runs in %q, want %q", got, want)
	}
	opened, err := netns.Open(filepath.Join(netns.NameDir, "a-name.1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Do(wants(t, ns)); err != nil {
		t.Error(err)
	}
	opened.Close()
	if !netns.IsPublished("a-name.1", inode(t, ns)) || netns.IsPublished("a-name.1", inode(t, other)) {
		t.Error("IsPublished does not tell the namespace from another")
	}
	unpublish(t, "a-name.1")
	if netns.IsPublished("a-name.1", inode(t, ns)) {
		t.Error("IsPublished after Unpublish")
	}
}

func TestPublishKeepsAlive(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns, witness := netnstest.New(t), netnstest.New(t)
	publish(t, ns, "kept")
	netnstest.Output(t, witness, "ip link add name here0 type veth peer name there0 netns kept")
	ns.Close()
	netnstest.Output(t, witness, "ip -n kept link set there0 up")
	netnstest.Output(t, witness, "ip netns delete kept")
	eventually(t, func() error { return noLink(t, witness, "here0") })
	unpublish(t, "kept")
}

// noLink fails while there is a link in ns: a cable ends with the namespace at
// its other end.
func noLink(t testing.TB, ns *netns.NS, name string) error {
	t.Helper()
	if strings.Contains(netnstest.Output(t, ns, "ip -o link show"), name) {
		return fmt.Errorf("%s is there", name)
	}
	return nil
}

func TestPublishTakenName(t *testing.T) {
	if !isolated(t) {
		return
	}
	a, b := netnstest.New(t), netnstest.New(t)
	publish(t, a, "taken")
	if err := b.Publish("taken"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Publish of a taken name: %v, want fs.ErrExist", err)
	}
	if !netns.IsPublished("taken", inode(t, a)) {
		t.Error("the refused Publish changed the name")
	}
	netnstest.Output(t, a, "ip netns add ipsown")
	if err := b.Publish("ipsown"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Publish of a name of ip(8): %v, want fs.ErrExist", err)
	}
}

func TestPublishAtOnce(t *testing.T) {
	if !isolated(t) {
		return
	}
	const names = 16
	before := mountedAt(t, netns.NameDir)
	var all sync.WaitGroup
	for i := range names {
		ns := netnstest.New(t)
		all.Go(func() {
			if err := ns.Publish(fmt.Sprintf("n%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range names {
		unpublish(t, fmt.Sprintf("n%d", i))
	}
	if n := mountedAt(t, netns.NameDir) - before; n != 1 {
		t.Errorf("%s was bound %d times, want once", netns.NameDir, n)
	}
}

// mountedAt counts the mounts at a path, hidden ones included.
func mountedAt(t testing.TB, path string) (n int) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Fields(line)[4] == path {
			n++
		}
	}
	return n
}

// TestPublishBeforeIP has ip(8) make the first name of its own after ours.
func TestPublishBeforeIP(t *testing.T) {
	if !isolated(t) {
		return
	}
	before := mountedAt(t, netns.NameDir+"/first")
	ns := netnstest.New(t)
	publish(t, ns, "first")
	netnstest.Output(t, ns, "ip netns add second")
	unpublish(t, "first")
	netnstest.Output(t, ns, "ip netns delete second")
	if n := mountedAt(t, netns.NameDir+"/first") - before; n != 0 {
		t.Errorf("the name is gone, but mounted %d times", n)
	}
}

func TestBadNames(t *testing.T) {
	ns, err := netns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	for _, name := range []string{"", ".", "..", ".hidden", "-n", "a/b", "../a", "/etc/passwd", "a b", "a\n", "a\x00b", "ä", "a*"} {
		if err := ns.Publish(name); err == nil {
			t.Errorf("Publish(%q) succeeds", name)
		}
		if err := netns.Unpublish(name); err == nil {
			t.Errorf("Unpublish(%q) succeeds", name)
		}
		if netns.IsPublished(name, 0) {
			t.Errorf("IsPublished(%q)", name)
		}
	}
}

func TestUnpublishNothing(t *testing.T) {
	if !isolated(t) {
		return
	}
	unpublish(t, "none") // There is not even a directory.
	ns := netnstest.New(t)
	publish(t, ns, "one")
	unpublish(t, "none")
	unpublish(t, "one")
	unpublish(t, "one")
	if err := ns.Publish(strings.Repeat("n", 256)); !errors.Is(err, unix.ENAMETOOLONG) {
		t.Errorf("Publish of a long name: %v, want ENAMETOOLONG", err)
	}
	ns.Close()
	if err := ns.Publish("closed"); err == nil {
		t.Error("Publish after Close succeeds")
	}
	unpublish(t, "closed")
}
