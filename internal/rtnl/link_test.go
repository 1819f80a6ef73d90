package rtnl_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

type link struct {
	Index  int      `json:"ifindex"`
	Name   string   `json:"ifname"`
	Flags  []string `json:"flags"`
	MTU    int      `json:"mtu"`
	Master string   `json:"master"`
	Info   struct {
		Kind string `json:"info_kind"`
	} `json:"linkinfo"`
}

// links asks ip(8) for the links of a namespace, by name.
func links(t testing.TB, ns *netns.NS) map[string]link {
	t.Helper()
	found := map[string]link{}
	for _, l := range ask[link](t, ns, "ip -j -d link show") {
		found[l.Name] = l
	}
	return found
}

func TestAddVeth(t *testing.T) {
	left, right := pair(t)
	for name, h := range map[string]host{"left0": left, "right0": right} {
		got := links(t, h.NS)
		if len(got) != 2 || got[name].Info.Kind != "veth" {
			t.Errorf("links %v, want lo and the veth %s", got, name)
		}
		index, err := h.LinkIndex(name)
		if err != nil || index != got[name].Index {
			t.Errorf("LinkIndex(%s) = %d, %v, ip says %d", name, index, err, got[name].Index)
		}
	}
}

func TestAddVethInOneNamespace(t *testing.T) {
	h := newHost(t)
	must(t, h.AddVeth("one0", "two0", h.Fd()))
	if got := links(t, h.NS); len(got) != 3 || got["one0"].Info.Kind != "veth" || got["two0"].Info.Kind != "veth" {
		t.Errorf("links %v, want lo and both ends", got)
	}
}

func TestAddVethRefused(t *testing.T) {
	left, right := pair(t)
	const long = "a-name-too-long0"
	refused(t, left.AddVeth("left0", "new0", right.Fd()), unix.EEXIST, "add veth pair left0 and new0")
	refused(t, left.AddVeth("new0", "right0", right.Fd()), unix.EEXIST, "add veth pair new0 and right0")
	refused(t, left.AddVeth("new0", "new1", -1), unix.EBADF, "new0", "new1")
	refused(t, left.AddVeth(long, "new1", right.Fd()), unix.ERANGE, long)
	refused(t, left.AddVeth("new0", long, right.Fd()), unix.ERANGE, long)
	refused(t, left.AddVeth("a/b", "new1", right.Fd()), unix.EINVAL, "a/b")
	for _, h := range []host{left, right} {
		if got := links(t, h.NS); len(got) != 2 {
			t.Errorf("what was refused has left the links %v", got)
		}
	}
}

func TestUpAndDown(t *testing.T) {
	left, right := pair(t)
	isUp := func(name string, h host) bool { return slices.Contains(links(t, h.NS)[name].Flags, "UP") }
	if isUp("left0", left) || isUp("right0", right) {
		t.Error("new links are up")
	}
	for range 2 { // Twice the same is no error.
		must(t, left.SetUp("left0"))
	}
	if !isUp("left0", left) || isUp("right0", right) {
		t.Error("SetUp(left0) left it down or set right0 up")
	}
	must(t, right.SetUp("right0"), left.SetDown("left0"), left.SetDown("left0"), left.SetUp("lo"))
	if isUp("left0", left) || !isUp("right0", right) || !isUp("lo", left) {
		t.Error("left0 is up, or right0 or lo down")
	}
}

func TestUnknownInterface(t *testing.T) {
	h := newHost(t)
	refused(t, h.SetUp("nope0"), unix.ENODEV, "set interface nope0 up")
	refused(t, h.SetDown("nope0"), unix.ENODEV, "set interface nope0 down")
	_, err := h.LinkIndex("nope0")
	refused(t, err, unix.ENODEV, "find interface nope0")
	_, err = h.LinkIndex("a-name-too-long0")
	refused(t, err, unix.ERANGE, "find interface a-name-too-long0")
	_, err = h.LinkIndex("")
	refused(t, err, nil, "find interface")
}

// TestLinkMadeAgain has an index change behind the connection's back.
func TestLinkMadeAgain(t *testing.T) {
	left, right := pair(t)
	before, err := left.LinkIndex("left0")
	must(t, err)
	netnstest.Output(t, right.NS, "ip link delete dev right0")
	_, err = left.LinkIndex("left0")
	refused(t, err, unix.ENODEV, "left0")
	must(t, left.AddVeth("left0", "right0", right.Fd()))
	after, err := left.LinkIndex("left0")
	if must(t, err); after == before || after != links(t, left.NS)["left0"].Index {
		t.Errorf("the new left0 has the index %d, the old one had %d", after, before)
	}
	netnstest.Output(t, left.NS, "ip link set dev left0 name other0")
	_, err = left.LinkIndex("left0")
	refused(t, err, unix.ENODEV, "left0")
}

func TestDialRefused(t *testing.T) {
	ns := netnstest.New(t)
	ns.Close()
	_, err := rtnl.Dial(ns.Fd())
	refused(t, err, unix.EBADF, "open rtnetlink socket")
}

// TestDialOwn is a connection to the calling thread's own namespace.
func TestDialOwn(t *testing.T) {
	left, _ := pair(t)
	must(t, left.Do(func() error {
		own, err := rtnl.Dial(0)
		if err != nil {
			return err
		}
		defer own.Close()
		_, err = own.LinkIndex("left0")
		return err
	}))
}

// TestDescriptorIsDone closes the namespace's descriptor, and gives its number
// to another namespace's, while the connection lives.
func TestDescriptorIsDone(t *testing.T) {
	left, right := pair(t)
	fd := left.Fd()
	held := netnstest.New(t)
	same, err := netns.Open(procFile(left))
	must(t, err)
	defer same.Close()
	must(t, left.NS.Close(), unix.Dup3(held.Fd(), fd, unix.O_CLOEXEC))
	defer unix.Close(fd)
	must(t, left.SetUp("left0"), left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600}))
	if got := qdisc(t, same, "left0"); got.Kind != "tbf" {
		t.Errorf("left0 has the queueing discipline %q, want tbf", got.Kind)
	}
	must(t, right.SetUp("right0"))
}

func TestAtOnce(t *testing.T) {
	left, right := pair(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				_, err := left.LinkIndex("left0")
				tbf := left.SetTBF("left0", rtnl.TBF{Rate: 1e6, Burst: 1600})
				if err := errors.Join(err, tbf, left.SetUp("left0"), right.SetUp("right0")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
