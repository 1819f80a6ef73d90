package impair

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

// TestDisableOffloads asks ethtool(8) what is on before and after.
func TestDisableOffloads(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link add eth0 type veth peer name eth1")
	before := active(t, ns)
	netnstest.Output(t, ns, "ethtool -K eth0 gro on rx-udp-gro-forwarding on rx-gro-list on")
	if err := DisableOffloads(ns, "eth0"); err != nil {
		t.Fatal(err)
	}
	after := active(t, ns)
	for _, off := range []string{
		"tx-checksumming", "tx-checksum-ip-generic", "tcp-segmentation-offload", "tx-tcp-segmentation",
		"tx-tcp6-segmentation", "generic-segmentation-offload", "generic-receive-offload",
		"tx-udp-segmentation", "rx-gro-list", "rx-udp-gro-forwarding", "large-receive-offload",
	} {
		if after[off] {
			t.Errorf("%s is on", off)
		}
	}
	if !before["tx-checksum-ip-generic"] || !before["tx-tcp-segmentation"] || !before["tx-udp-segmentation"] {
		t.Errorf("before, on were only %v", before)
	}
	if !after["rx-checksumming"] || !after["tx-vlan-offload"] {
		t.Errorf("features that do no harm were turned off, too; on are %v", after)
	}
	if err := DisableOffloads(ns, "eth0"); err != nil {
		t.Errorf("again: %v", err)
	}
}

// active returns the features of eth0 that are on.
func active(t *testing.T, ns *netns.NS) map[string]bool {
	t.Helper()
	on := map[string]bool{}
	for line := range strings.Lines(netnstest.Output(t, ns, "ethtool -k eth0")) {
		name, state, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if strings.HasPrefix(state, "on") {
			on[name] = true
		}
	}
	return on
}

func TestDisableOffloadsFails(t *testing.T) {
	ns := netnstest.New(t)
	if err := DisableOffloads(ns, "nope"); !errors.Is(err, unix.ENODEV) {
		t.Errorf("unknown interface: %v", err)
	} else {
		t.Log(err)
	}
	if err := DisableOffloads(ns, "0123456789abcdef"); err == nil {
		t.Error("a name too long: no error")
	}
	// The loopback interface cannot do without checksum offloading.
	if err := DisableOffloads(ns, "lo"); err == nil || !strings.Contains(err.Error(), "keeps") {
		t.Errorf("lo: %v", err)
	} else {
		t.Log(err)
	}
}

// TestSuperFramesAreCounted leaves a host's offloads on: what cannot be sent on as
// it is, is not, and it is counted.
func TestSuperFramesAreCounted(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.connect(t)
	netnstest.Output(t, b.client, "ethtool -K eth0 tx on sg on tso on gso on")
	go client.Write(make([]byte, 1<<20))
	eventually(t, "frames are unfit", func() bool { return l.Stats(AToB).Unfit > 0 })
	// TCP sends again what was dropped, and as it should be from now on.
	if err := DisableOffloads(b.client, "eth0"); err != nil {
		t.Fatal(err)
	}
	server.SetReadDeadline(time.Now().Add(15 * time.Second))
	if n, err := io.CopyN(io.Discard, server, 1<<20); err != nil {
		t.Errorf("%d bytes: %v", n, err)
	}
}

func TestMissingChecksumsAreCounted(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	netnstest.Output(t, b.client, "ethtool -K eth0 tx on")
	client.Write([]byte("without a checksum"))
	eventually(t, "the frame is unfit", func() bool { return l.Stats(AToB).Unfit == 1 })
}
