package live

import (
	"os"
	"strconv"
	"strings"

	"allroads/internal/netns"
)

// usualLossCount is the kernel's own, where it cannot be read.
const usualLossCount = 4

// lossCount reads how many time-outs a namespace lets pass before it takes a subflow
// for stale; ns nil is the caller's own.
func lossCount(ns *netns.NS) int {
	text, err := "", error(nil)
	if ns == nil {
		var b []byte
		b, err = os.ReadFile("/proc/sys/net/mptcp/stale_loss_cnt")
		text = string(b)
	} else {
		text, err = ns.Sysctl("net.mptcp.stale_loss_cnt")
	}
	count, wrong := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || wrong != nil {
		return usualLossCount
	}
	return count
}
