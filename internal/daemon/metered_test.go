package daemon

import (
	"testing"

	"allroads/internal/netns"
	"allroads/internal/rtnl"
)

// TestMeteredIsOfTheHost: in other namespaces interfaces of the same name are others.
func TestMeteredIsOfTheHost(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
	if watchMetered(&place{ns: new(netns.NS)}, newNews()) != nil || meteredOf(nil) != nil {
		t.Error("something is asked about another namespace")
	}
	w := watchMetered(&place{}, newNews())
	defer w.Close()
	if is := meteredOf(w)(rtnl.Link{Name: "lo"}); is != nil {
		t.Errorf("%t without a bus", *is)
	}
}
