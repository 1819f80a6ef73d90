package choose

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// FuzzNew: whatever a rule is, it is an error with the rule in it, or it survives being
// handed on, and means the same then.
func FuzzNew(f *testing.F) {
	for _, rule := range []string{
		"192.0.2.1", "10.0.0.0/8:443", "[2001:db8::]/32:1-9", ":https", "::ffff:1.2.3.4/120", "[::/0]:5", "192.0.2.1/22",
		"https://x/", "fe80::1%a", "localhost/80", "0.0.0.0/0", "::", "a:b:c", "[", "/", "1.2.3.4:5/6", ":1-", "ä/1",
	} {
		f.Add(rule, uint32(0xc0000201), uint16(443))
	}
	f.Fuzz(func(t *testing.T, text string, ip uint32, port uint16) {
		l := newLookup(t.Context())
		defer l.close()
		list, err := l.parseAll("--only", []string{text})
		if err != nil {
			if bad, ok := errors.AsType[*RuleError](err); !ok || bad.Rule != text || strings.TrimSpace(bad.Why) == "" {
				t.Fatalf("%q: error %v", text, err)
			}
			return
		}
		if list[0].name != "" {
			return // no look-ups here
		}
		c := &Chooser{only: index(list)}
		again := fromArgs(t, c.Args())
		a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), port)
		if !c.Equal(again) || c.Remote(a) != again.Remote(a) || c.only.empty() {
			t.Fatalf("%q: %s became %s", text, c, again)
		}
	})
}
