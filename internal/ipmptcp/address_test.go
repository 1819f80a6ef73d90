package ipmptcp_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/ipmptcp"
)

// FuzzWords: no word makes a parser panic; what the standard library reads as an
// address is read the same, and what is printed is read back.
func FuzzWords(f *testing.F) {
	for _, word := range []string{"10.0.0.1", "::ffff:1.2.3.4", "[fd00::1]:80", "1.2.3.4:80", "0x1.010", "::1.2.3.4",
		"fe80::1%lo", "token=1,event=closed,address=::", "+1", "0x", "08", " 7", "", "1..2", "[::]", "]", "4294967296"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		_ = ipmptcp.ParseFilter(word)
		if end, err := ipmptcp.ParseEnd(word, true); err == nil && (end.Port() == 0 || !end.IsValid()) {
			t.Errorf("%q is read as %v", word, end)
		}
		if n, ok := ipmptcp.ParseNumber(word, 8); ok && n > 255 {
			t.Errorf("%q is %d in 8 bits", word, n)
		}
		addr, err := ipmptcp.ParseAddress(word)
		if std, stdErr := netip.ParseAddr(word); stdErr == nil && std.Zone() == "" && (err != nil || std != addr) {
			t.Errorf("%q is read as %v, %v, want %v", word, addr, err, std)
		}
		if err == nil {
			if back, err := ipmptcp.ParseAddress(ipmptcp.FormatAddress(addr)); err != nil || back != addr {
				t.Errorf("%v is read back as %v, %v", addr, back, err)
			}
		}
	})
}

func TestParseEnd(t *testing.T) {
	for word, want := range map[string]string{
		"10.0.0.1:80":         "10.0.0.1:80",
		"[fd00::1]:80":        "[fd00::1]:80",
		"[::ffff:1.2.3.4]:80": "[::ffff:1.2.3.4]:80",
		"10.0.0.1":            "10.0.0.1:0",
		"fd00::1":             "[fd00::1]:0",
		"[fd00::1]":           "[fd00::1]:0",
		"host:80":             `any valid address is expected rather than "host:80".`,
		"10.0.0.1:http":       `any valid address is expected rather than "10.0.0.1:http".`,
		"10.0.0.1:65536":      `any valid address is expected rather than "10.0.0.1:65536".`,
		"[fe80::1%lo]:80":     `any valid address is expected rather than "[fe80::1%lo]:80".`,
		"":                    `any valid address is expected rather than "".`,
	} {
		end, err := ipmptcp.ParseEnd(word, false)
		got := end.String()
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "Error: ")
		}
		if got != want {
			t.Errorf("ParseEnd(%q) = %s, want %s", word, got, want)
		}
	}
	for _, word := range []string{"10.0.0.1", "fd00::1", "[fd00::1]", "10.0.0.1:0"} {
		if end, err := ipmptcp.ParseEnd(word, true); err == nil {
			t.Errorf("ParseEnd(%q) with a port = %v", word, end)
		}
	}
}
