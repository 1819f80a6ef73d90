package rtnl

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestWirelessIndex reads what nl80211 answers, as nl80211_send_iface of
// net/wireless/nl80211.c lays it out.
func TestWirelessIndex(t *testing.T) {
	head := attribute(nil, unix.NL80211_ATTR_WIPHY, word(0))
	tail := attribute(nil, unix.NL80211_ATTR_IFTYPE, word(unix.NL80211_IFTYPE_STATION))
	tail = attribute(tail, unix.NL80211_ATTR_WDEV, make([]byte, 8))
	tail = attribute(tail, unix.NL80211_ATTR_MAC, []byte{2, 0, 0, 0, 0, 1})
	card := attribute(attribute(nil, unix.NL80211_ATTR_IFINDEX, word(7)), unix.NL80211_ATTR_IFNAME, []byte("wlan0\x00"))
	for name, c := range map[string]struct {
		bytes []byte
		want  int
	}{
		"a card":       {append(append(append([]byte{}, head...), card...), tail...), 7},
		"a P2P device": {append(append([]byte{}, head...), tail...), 0},
		"cut off":      {append(append([]byte{}, head...), card[:6]...), 0},
		"nothing":      {nil, 0},
	} {
		if got := wirelessIndex(c.bytes); got != c.want {
			t.Errorf("%s: interface %d, want %d", name, got, c.want)
		}
	}
}
