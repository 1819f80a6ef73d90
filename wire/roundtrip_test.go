package wire_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"allroads/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// same shows how two option structs differ. An empty body is a body.
func same(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty())
}

func TestRoundTrip(t *testing.T) {
	for name, gen := range generators {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			want := gen.Draw(t, "value")
			raw := wire.Option(appendAny(nil, want))
			if len(raw) < 3 || len(raw) != int(raw[1]) || !bytes.Equal(raw, canonical(raw)) {
				t.Fatalf("written as %x", []byte(raw))
			}
			got, err := raw.Decode()
			if err != nil {
				t.Fatalf("%x: %v", []byte(raw), err)
			}
			if d := same(want, got); d != "" {
				t.Fatalf("%x (-written +read):\n%s", []byte(raw), d)
			}
			opt, rest, err := wire.Next(append([]byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1}, raw...))
			if err != nil || len(rest) != 0 || !bytes.Equal(opt, raw) {
				t.Fatalf("Next: got %x, %x, %v", []byte(opt), rest, err)
			}
			line := raw.String()
			if strings.Contains(line, "malformed") || strings.ContainsAny(line, "\n\t") || strings.Contains(line, "  ") {
				t.Fatalf("%x: String is %q", []byte(raw), line)
			}
		}))
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for name, gen := range generators {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			want := gen.Draw(t, "value")
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			got := reflect.New(reflect.TypeOf(want).Elem()).Interface()
			if err := json.Unmarshal(text, got); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if d := same(want, got); d != "" {
				t.Fatalf("%s (-written +read):\n%s", text, d)
			}
		}))
	}
}
