package rtnl_test

import (
	"math"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSetMTU(t *testing.T) {
	left, right := pair(t)
	must(t, left.SetUp("left0"))
	for _, mtu := range []int{1400, 68, 65535, 1280, 9000} {
		must(t, left.SetMTU("left0", mtu))
		got, err := left.MTU("left0")
		if ip := links(t, left.NS)["left0"].MTU; err != nil || got != mtu || ip != mtu {
			t.Errorf("after SetMTU(%d), MTU is %d, %v, and ip shows %d", mtu, got, err, ip)
		}
	}
	if got := links(t, right.NS)["right0"].MTU; got != 1500 {
		t.Errorf("SetMTU of left0 made that of right0 %d", got)
	}
}

func TestSetMTURefused(t *testing.T) {
	left, _ := pair(t)
	must(t, left.SetMTU("left0", 1400))
	refused(t, left.SetMTU("left0", 67), unix.EINVAL, "set mtu of left0 to 67", "mtu less than device minimum")
	refused(t, left.SetMTU("left0", 65536), unix.EINVAL, "set mtu of left0 to 65536", "mtu greater than device maximum")
	refused(t, left.SetMTU("left0", math.MaxInt32), unix.EINVAL, "mtu greater than device maximum")
	for _, mtu := range []int{0, -1, math.MinInt} {
		refused(t, left.SetMTU("left0", mtu), nil, "set mtu of left0", "is not between 1 and 2147483647")
	}
	if got, err := left.MTU("left0"); err != nil || got != 1400 {
		t.Errorf("what was refused made the MTU %d, %v", got, err)
	}
	refused(t, left.SetMTU("nope0", 1500), unix.ENODEV, "set mtu of nope0 to 1500")
	_, err := left.MTU("nope0")
	refused(t, err, unix.ENODEV, "find interface nope0")
}
