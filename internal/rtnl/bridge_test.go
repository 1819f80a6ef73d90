package rtnl_test

import (
	"fmt"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

type bridge struct {
	Info struct {
		Kind string `json:"info_kind"`
		Data struct {
			ForwardDelay int `json:"forward_delay"`
			Ageing       int `json:"ageing_time"` // hundredths of a second
			STP          int `json:"stp_state"`
			Snooping     int `json:"mcast_snooping"`
		} `json:"info_data"`
	} `json:"linkinfo"`
}

func TestAddBridge(t *testing.T) {
	h := newHost(t)
	must(t, h.AddBridge("br0"))
	var want bridge
	want.Info.Kind, want.Info.Data.Ageing = "bridge", 300*100
	if got := ask[bridge](t, h.NS, "ip -j -d link show dev br0"); len(got) != 1 || got[0] != want {
		t.Errorf("ip shows %+v, want %+v", got, want)
	}
}

func TestAddBridgeRefused(t *testing.T) {
	h := newHost(t)
	must(t, h.AddBridge("br0"))
	refused(t, h.AddBridge("br0"), unix.EEXIST, "add bridge br0")
	refused(t, h.AddBridge("a-name-too-long0"), unix.ERANGE, "add bridge a-name-too-long0")
	refused(t, h.AddBridge("a/b"), unix.EINVAL, "add bridge a/b")
	if got := links(t, h.NS); len(got) != 2 {
		t.Errorf("what was refused has left the links %v", got)
	}
}

// TestBridgeForwards plugs three hosts into a bridge in a fourth namespace, and
// has each reach each other. The kernel asks three times for a neighbour, which
// is time enough for a port to notice that it is plugged in.
func TestBridgeForwards(t *testing.T) {
	middle := newHost(t)
	must(t, middle.AddBridge("br0"), middle.SetUp("br0"))
	hosts := make([]host, 3)
	addresses := make([]netip.Addr, len(hosts))
	for i := range hosts {
		hosts[i], addresses[i] = newHost(t), netip.AddrFrom4([4]byte{10, 0, 1, byte(i + 1)})
		port := fmt.Sprintf("port%d", i)
		must(t, hosts[i].AddVeth("eth0", port, middle.Fd()), middle.SetMaster(port, "br0"),
			middle.SetUp(port), hosts[i].SetUp("eth0"),
			hosts[i].AddAddress("eth0", netip.PrefixFrom(addresses[i], 24)))
	}
	for i := range hosts {
		for j := range hosts {
			if i != j {
				must(t, ping(hosts[i], hosts[j], addresses[i], addresses[j]))
			}
		}
	}
}

func TestSetMaster(t *testing.T) {
	left, _ := pair(t)
	must(t, left.AddBridge("br0"), left.AddBridge("br1"))
	for _, bridge := range []string{"br0", "br1", "br1", "", ""} {
		must(t, left.SetMaster("left0", bridge))
		if got := links(t, left.NS)["left0"].Master; got != bridge {
			t.Errorf("after SetMaster(%q), ip shows %q", bridge, got)
		}
	}
}

func TestSetMasterRefused(t *testing.T) {
	left, _ := pair(t)
	must(t, left.AddBridge("br0"), left.AddBridge("br1"), left.SetMaster("left0", "br0"))
	refused(t, left.SetMaster("left0", "nope0"), unix.ENODEV, `set master of left0 to "nope0"`, "find interface nope0")
	refused(t, left.SetMaster("nope0", "br0"), unix.ENODEV, `set master of nope0 to "br0"`)
	refused(t, left.SetMaster("lo", "br0"), unix.EINVAL, `set master of lo to "br0"`)
	refused(t, left.SetMaster("br1", "br0"), unix.ELOOP, `set master of br1 to "br0"`, "Can not enslave a bridge to a bridge")
	if got := links(t, left.NS)["left0"].Master; got != "br0" {
		t.Errorf("what was refused made the master of left0 %q", got)
	}
	refused(t, left.SetMaster("left0", "lo"), unix.EOPNOTSUPP, `set master of left0 to "lo"`)
}
