package packets_test

import (
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

func TestColor(t *testing.T) {
	malformed := raw(segment(client, server, trace.RST, []byte{30, 3, 0x50, 30, 4, 0x20, 1, 30, 9, 0x21, 0}, ""))
	plain, colored := printed(t, packets.Options{}, malformed)[0], printed(t, packets.Options{Color: true}, malformed)[0]
	for _, want := range []string{"\x1b[31m[R]\x1b[0m", "\x1b[34mMP_PRIO nobackup\x1b[0m", "\x1b[31mDSS malformed: wrong", "\x1b[31mDSS malformed: 0x1e0921"} {
		if !strings.Contains(colored, want) {
			t.Errorf("%q, want %q", colored, want)
		}
	}
	for _, code := range []string{"0", "2", "31", "34"} {
		colored = strings.ReplaceAll(colored, "\x1b["+code+"m", "")
	}
	if colored != plain {
		t.Errorf("%q, want %q", colored, plain)
	}
}
