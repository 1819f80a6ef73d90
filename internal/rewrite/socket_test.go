package rewrite_test

import (
	"fmt"
	"strings"
	"testing"

	"allroads/internal/rewrite"
)

// TestKinds: of 504 kinds of sockets those of TCP are of MPTCP, and all others give the
// same, or the same errno, as without us.
func TestKinds(t *testing.T) {
	for _, flags := range [][]string{nil, {"-static"}} {
		program := compiled(t, "sockets", flags...)
		want := plain(t, program)
		converted := 0
		var lines []string
		for line := range strings.Lines(want) {
			var family, kind, protocol int
			fmt.Sscanf(line, "%v %v %v:", &family, &kind, &protocol)
			if (family == 2 || family == 10) && kind&0xff == 1 && kind < 0x100000 && (protocol == 0 || protocol == 6) {
				line = strings.Replace(line, "protocol 6", "protocol 262", 1)
				converted++
			}
			lines = append(lines, line)
		}
		got := run(t, rewrite.Options{}, program)
		if diff := differ(strings.Join(lines, ""), got.out); diff != "" || converted != 16 {
			t.Errorf("%v: %d kinds of TCP\n%s", flags, converted, diff)
		}
		if s := got.sockets; s.Converted != 16 || s.Seen != 16 {
			t.Errorf("%v: counted %+v", flags, s)
		}
	}
}

// differ returns the lines that are not the same.
func differ(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	if len(w) != len(g) {
		fmt.Fprintf(&b, "%d lines, want %d\n", len(g), len(w))
	}
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			fmt.Fprintf(&b, "got  %s\nwant %s\n", g[i], w[i])
		}
	}
	return b.String()
}

// TestGo: programs without a C library, of 32 bits, too, whose package uses socketcall.
func TestGo(t *testing.T) {
	for _, arch := range []string{"amd64", "386"} {
		t.Run(arch, func(t *testing.T) {
			got := run(t, rewrite.Options{}, built(t, arch), "20", "50")
			if want := "1000 times raw 262, usual 262\n"; got.out != want {
				t.Errorf("got %q, want %q", got.out, want)
			}
			if s := got.sockets; s.Converted != 2000 || s.Seen != 2000 {
				t.Errorf("counted %+v", s)
			}
		})
	}
}
