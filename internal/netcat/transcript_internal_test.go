package netcat

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// TestCRLF cuts a text into pieces at every place: what comes out is the same.
func TestCRLF(t *testing.T) {
	const text, want = "a\nb\r\n\n\r\r\nc\n", "a\r\nb\r\n\r\n\r\r\nc\r\n"
	for first := range len(text) + 1 {
		for second := first; second <= len(text); second++ {
			var lines crlf
			var got []byte
			for _, piece := range []string{text[:first], text[first:second], text[second:]} {
				got = lines.appendTo(got, []byte(piece))
			}
			if string(got) != want {
				t.Fatalf("cut at %d and %d: %q, want %q", first, second, got, want)
			}
		}
	}
}

// TestDump reads what was written back.
func TestDump(t *testing.T) {
	all := make([]byte, 256+5)
	for i := range all {
		all[i] = byte(i)
	}
	var out bytes.Buffer
	if err := dump(&out, sending, 0, all); err != nil {
		t.Fatal(err)
	}
	var back []byte
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "> ") {
			t.Errorf("%q", line)
		}
		row, err := hex.DecodeString(strings.ReplaceAll(line[12:59], " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		back = append(back, row...)
	}
	if !bytes.Equal(back, all) {
		t.Errorf("%d bytes come back of %d:\n%s", len(back), len(all), &out)
	}
	out.Reset()
	_ = dump(&out, receiving, 21, []byte("hello"))
	if want := "< 00000010  68 65 6c 6c 6f                                   hello\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}
