package choose

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

func newChooser(t testing.TB, only, except []string) *Chooser {
	t.Helper()
	c, err := New(t.Context(), only, except)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRules(t *testing.T) {
	for _, c := range []struct{ rule, is, isNot string }{
		{"192.0.2.1", "192.0.2.1:1 192.0.2.1:65535 [::ffff:192.0.2.1]:80", "192.0.2.2:80 [2001:db8::1]:80"},
		{"192.0.2.1:443", "192.0.2.1:443", "192.0.2.1:442 192.0.2.1:444 192.0.2.2:443"},
		{"::ffff:192.0.2.1", "192.0.2.1:443 [::ffff:192.0.2.1]:443", "192.0.2.2:443"},
		{"[::ffff:192.0.2.0/120]:443", "192.0.2.1:443", "192.0.3.1:443"},
		{"2001:db8::1", "[2001:db8::1]:443 [2001:db8::1%1]:443", "[2001:db8::2]:443"},
		{"2001:db8::1:443", "[2001:db8::1:443]:9", "[2001:db8::1]:443"},
		{"[2001:db8::1]", "[2001:db8::1]:443", "[2001:db8::2]:443"},
		{"[2001:db8::1]:443", "[2001:db8::1]:443", "[2001:db8::1]:80"},
		{"10.0.0.0/8", "10.255.0.1:80", "11.0.0.0:80 [::]:80"},
		{"10.0.0.0/8:8000-8999", "10.0.0.1:8000 10.0.0.1:8999", "10.0.0.1:7999 10.0.0.1:9000 11.0.0.1:8000"},
		{"2001:db8::/32", "[2001:db8:ffff::1]:1", "[2001:db9::]:1"},
		{"[2001:db8::]/32", "[2001:db8:ffff::1]:1", "[2001:db9::]:1"},
		{"[2001:db8::]/32:443", "[2001:db8::1]:443", "[2001:db8::1]:80"},
		{"[2001:db8::/32]:443", "[2001:db8::1]:443", "[2001:db8::1]:80"},
		{"2001:db8::/32:443", "[2001:db8::1]:443", "[2001:db8::1]:80"},
		{"0.0.0.0/0", "0.0.0.0:80 1.2.3.4:5", "[::]:80 [2001:db8::1]:443"},
		{"::/0:22", "[::1]:22 [2001:db8::1]:22", "1.2.3.4:22 [::ffff:1.2.3.4]:22"},
		{":443", "1.2.3.4:443 [::]:443", "1.2.3.4:80 [::]:0"},
		{":https", "1.2.3.4:443", "1.2.3.4:80"},
		{":1-65535", "1.2.3.4:1 1.2.3.4:65535", "1.2.3.4:0"},
		{"localhost/8080", "127.0.0.1:8080", "127.0.0.1:80 127.0.0.2:8080"},
		{"localhost:8080", "127.0.0.1:8080", "127.0.0.1:80"},
		{"localhost", "127.0.0.1:80", "127.0.0.2:80"},
		{"0.0.0.0:80", "0.0.0.0:80", "127.0.0.1:80 10.0.0.1:80"},
	} {
		only, except := newChooser(t, []string{c.rule}, nil), newChooser(t, nil, []string{c.rule})
		check := func(list string, want bool) {
			for text := range strings.FieldsSeq(list) {
				a := netip.MustParseAddrPort(text)
				if only.Local(a) != want || except.Local(a) == want {
					t.Errorf("%s: %s is chosen %v by --only, %v by --except, want %v", c.rule, text, only.Local(a), except.Local(a), want)
				}
				if !a.Addr().Unmap().IsUnspecified() && only.Remote(a) != want {
					t.Errorf("%s: connection to %s is chosen %v, want %v", c.rule, text, !want, want)
				}
			}
		}
		check(c.is, true)
		check(c.isNot, false)
	}
}

// TestRemoteAnywhere: Linux connects to itself then.
func TestRemoteAnywhere(t *testing.T) {
	c := newChooser(t, []string{"127.0.0.1", "[::1]:80"}, nil)
	for text, want := range map[string]bool{"0.0.0.0:5": true, "[::ffff:0.0.0.0]:5": true, "[::]:80": true, "[::]:81": false} {
		if c.Remote(netip.MustParseAddrPort(text)) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}

func TestOnlyAndExcept(t *testing.T) {
	for _, c := range []struct {
		only, except, address string
		want                  bool
	}{
		{"", "", "1.2.3.4:5", true},
		{"10.0.0.0/8", "10.1.0.0/16", "10.2.0.1:80", true},
		{"10.0.0.0/8", "10.1.0.0/16", "10.1.0.1:80", false},
		{":80 :443", ":443", "10.1.0.1:443", false},
		{":80 :443", ":443", "10.1.0.1:80", true},
		{"", ":22", "10.1.0.1:80", true},
		{"10.1.0.1", "10.1.0.1", "10.1.0.1:80", false},
	} {
		got := newChooser(t, strings.Fields(c.only), strings.Fields(c.except))
		if a := netip.MustParseAddrPort(c.address); got.Remote(a) != c.want || got.Local(a) != c.want {
			t.Errorf("%s: %s: want %v", got, a, c.want)
		}
	}
	var none *Chooser
	if !none.Remote(netip.MustParseAddrPort("1.2.3.4:5")) || !none.Local(netip.AddrPort{}) || none.String() != "all" || none.Args() != nil {
		t.Error("no chooser does not choose everything")
	}
}

// TestMistakes: each error has the rule, and what to write instead.
func TestMistakes(t *testing.T) {
	for rule, want := range map[string]string{
		"":                     "it is empty",
		":":                    "it is empty",
		"443":                  "write :443",
		"8000-8999":            "write :8000-8999",
		"/443":                 "write :443",
		"*:443":                "write :443",
		"https":                "write :https",
		"https://example.com/": "write example.com:https",
		"http://[::1]:8080/x":  "write [::1]:8080",
		"a.example b.example":  "an option of its own",
		"a.example,b.example":  "an option of its own",
		"192.0.2.1/443":        "write 192.0.2.1:443",
		"192.0.2.1/22":         "write 192.0.0.0/22 or 192.0.2.1:22",
		"2001:db8::1/64":       "write 2001:db8::/64 or [2001:db8::1]:64",
		"2001:db8::1/443":      "write [2001:db8::1]:443",
		"1:2:3:4:5:6:7:8:443":  "write [1:2:3:4:5:6:7:8]:443",
		"fe80::1%eth0":         "write fe80::1",
		"[fe80::1%eth0]:80":    "write [fe80::1]:80",
		"[192.0.2.1]:80":       "IPv6 address",
		"[example.com]:80":     "IPv6 address",
		"[::1":                 "IPv6 address",
		"[::1]80":              "behind the bracket",
		"[::1]:":               "behind the bracket",
		"[::/0]/0":             "behind the bracket",
		"example.com:":         "write example.com",
		"example.com/":         "neither NAME/PORT",
		"example.com/443/x":    "neither NAME/PORT",
		"example.com:80/8":     "neither NAME/PORT",
		"10.0.0.0/:80":         "10.0.0.0/8:443",
		"10.0.0.0/8:":          "10.0.0.0/8:443",
		"10.0.0.0/33":          "no length of a prefix (0 to 32)",
		"10.0.0.0/x":           "no length of a prefix",
		"::ffff:0.0.0.0/90":    "write ::ffc0:0:0/90 or",
		"10.0.0":               "four numbers",
		"1.2.3.444:80":         "four numbers",
		"exam!ple":             "neither a name nor an address",
		":0":                   "from 1 to 65535",
		":65536":               "from 1 to 65535",
		":1-65536":             "from 1 to 65535",
		":90-80":               "write 80-90",
		":80-":                 "nor a TCP service",
		":-80":                 "nor a TCP service",
		":nosuchservice":       "nor a TCP service",
		"localhost:+80":        "nor a TCP service",
	} {
		_, err := New(t.Context(), nil, []string{":22", rule})
		bad, ok := errors.AsType[*RuleError](err)
		if !ok || bad.Rule != rule || !strings.Contains(bad.Why, want) || !strings.HasPrefix(err.Error(), fmt.Sprintf("--except %q: ", rule)) {
			t.Errorf("%q: %v, want %s", rule, err, want)
		}
	}
}

// TestArgs: another process gets the same rules.
func TestArgs(t *testing.T) {
	c := newChooser(t, []string{":https", ":80-90", ":85-99", "[2001:db8::]/32:22", "192.0.2.1", "192.0.2.1:5", "localhost:80", "::1"}, []string{"10.0.0.0/8:443"})
	again := fromArgs(t, c.Args())
	if !c.Equal(again) || c.String() != again.String() {
		t.Errorf("%s became %s", c, again)
	}
	const start = "only :80-99 :443 127.0.0.1:80 192.0.2.1 "
	if !strings.HasPrefix(c.String(), start) || !strings.HasSuffix(c.String(), ", except 10.0.0.0/8:443") {
		t.Errorf("got %s", c)
	}
}

func fromArgs(t testing.TB, args []string) *Chooser {
	t.Helper()
	var only, except []string
	for _, arg := range args {
		if rule, ok := strings.CutPrefix(arg, "--only="); ok {
			only = append(only, rule)
		} else if rule, ok := strings.CutPrefix(arg, "--except="); ok {
			except = append(except, rule)
		} else {
			t.Fatalf("argument %q", arg)
		}
	}
	return newChooser(t, only, except)
}

// TestManyRules holds the index against a look at each rule, and allocates nothing.
func TestManyRules(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var texts []string
	var plain []rule
	for range 2000 {
		bits := 8 + random.IntN(25)
		r := rule{netip.PrefixFrom(address(random), bits).Masked(), ports{uint16(1 + random.IntN(300)), 0}}
		r.ports.last = r.ports.first + uint16(random.IntN(20))
		plain, texts = append(plain, r), append(texts, r.String())
	}
	c := newChooser(t, texts, nil)
	hits := 0
	for range 5000 {
		a := netip.AddrPortFrom(address(random), uint16(random.IntN(330)))
		want := false
		for _, r := range plain {
			want = want || r.network.Contains(a.Addr()) && r.ports.first <= a.Port() && a.Port() <= r.ports.last
		}
		if want {
			hits++
		}
		if c.Remote(a) != want {
			t.Fatalf("%s: want %v", a, want)
		}
	}
	if hits < 100 || hits > 4900 {
		t.Errorf("%d of 5000 addresses are chosen: that shows nothing", hits)
	}
	a := netip.MustParseAddrPort("[::ffff:10.1.1.1]:80")
	if n := testing.AllocsPerRun(100, func() { c.Remote(a); c.Local(a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func address(r *rand.Rand) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(r.IntN(4)), byte(r.IntN(4)), byte(r.IntN(256))})
}

func BenchmarkRemote(b *testing.B) {
	var texts []string
	for i := range 5000 {
		texts = append(texts, fmt.Sprintf("10.%d.%d.0/%d:%d", i/256, i%256, 24+i%2, 1+i))
	}
	c := newChooser(b, texts, nil)
	a := netip.MustParseAddrPort("10.200.1.1:80")
	b.ReportAllocs()
	for b.Loop() {
		c.Remote(a)
	}
}
