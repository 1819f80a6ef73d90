package live

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"allroads/mptcp"
	"allroads/sockdiag"
)

func TestChoose(t *testing.T) {
	var o Options
	words := "1 0xBEEF 10.0.0.1 [::1]:80 [2001:db8::1] 10.0.0.2:443 :8080 fe80::1%lo ::ffff:10.0.0.9 ESTAB fin_wait1 syn-sent"
	if err := o.Choose(strings.Fields(words)); err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr
	ends := []End{{addr("10.0.0.1"), 0}, {addr("::1"), 80}, {addr("2001:db8::1"), 0}, {addr("10.0.0.2"), 443},
		{netip.Addr{}, 8080}, {addr("fe80::1"), 0}, {addr("10.0.0.9"), 0}}
	states := []mptcp.TCPState{mptcp.StateEstablished, mptcp.StateFinWait1, mptcp.StateSynSent}
	if !slices.Equal(o.Tokens, []uint32{1, 0xbeef}) || !slices.Equal(o.Ends, ends) || !slices.Equal(o.Filter.States, states) {
		t.Errorf("%+v", o)
	}
	if o.Filter.Token != nil || o.Filter.Addr.IsValid() || o.Filter.Listeners != sockdiag.NoListeners {
		t.Errorf("filter %+v", o.Filter)
	}
}

// TestChooseOne: of what there is one, sockdiag has to read less.
func TestChooseOne(t *testing.T) {
	var o Options
	if err := o.Choose([]string{"83119fc5", "10.0.0.1:443", "listening"}); err != nil {
		t.Fatal(err)
	}
	f := o.Filter
	if f.Token == nil || *f.Token != 0x83119fc5 || f.Addr != netip.MustParseAddr("10.0.0.1") || f.Port != 443 ||
		f.Listeners != sockdiag.WithListeners || o.Tokens != nil || o.Ends != nil {
		t.Errorf("%+v", o)
	}
}

func TestChooseNot(t *testing.T) {
	for _, word := range []string{"", "x", "123456789", "0x", "0x123456789", ":", ":0", ":65536", ":x", "10.0.0.1:", "10.0.0.1:0",
		"10.0.0", "[::1", "[]", "established,", "-1", "+1", "1_0", "::1:::", "10.0.0.1:443:1"} {
		var o Options
		if err := o.Choose([]string{word}); err == nil {
			t.Errorf("%q is %+v", word, o)
		} else if !strings.Contains(err.Error(), "TOKEN") || !strings.Contains(err.Error(), "fin-wait1") {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// TestChooses: any of each kind, all kinds.
func TestChooses(t *testing.T) {
	c := made(7, counts{}, counts{})
	c.Subflows[1].Local = at("[2001:db8::1]:5555")
	for words, want := range map[string]bool{
		"7 8": true, "8 9": false, "192.0.2.1 192.0.2.9": true, ":5555 :1": true, "2001:db8::1 ::1": true, "[2001:db8::1]:5556 ::1": false,
		"192.0.2.1:80 ::1": false, "7 8 :80 :1": true, "8 9 :80 :1": false, "7 8 :2 :1": false,
	} {
		var o Options
		if err := o.Choose(strings.Fields(words)); err != nil {
			t.Fatal(err)
		}
		if got := o.chooses(c); got != want {
			t.Errorf("%s: %v, want %v", words, got, want)
		}
	}
}
