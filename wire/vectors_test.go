package wire_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"allroads/wire"
)

// vector is one line of testdata/options.txt.
type vector struct {
	comment string
	raw     wire.Option
	want    string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var all []vector
	comment := ""
	for _, line := range testLines(t, "testdata/options.txt") {
		if c, ok := strings.CutPrefix(line, "# "); ok {
			comment = c
			continue
		}
		raw, want, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("no tab in %q", line)
		}
		all = append(all, vector{comment, unhex(t, raw), want})
	}
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	return all
}

// testLines returns the lines of a file that are not empty.
func testLines(t testing.TB, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOptionString(t *testing.T) {
	for _, v := range vectors(t) {
		if got := v.raw.String(); got != v.want {
			t.Errorf("%s %x:\n got %s\nwant %s", v.comment, []byte(v.raw), got, v.want)
		}
	}
}

func TestVectorsRoundTrip(t *testing.T) {
	for _, v := range vectors(t) {
		malformed := strings.Contains(v.want, "malformed")
		decoded, err := v.raw.Decode()
		if malformed {
			if err == nil || decoded != nil {
				t.Errorf("%s %x: got %v, %v, want an error", v.comment, []byte(v.raw), decoded, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %x: %v", v.comment, []byte(v.raw), err)
			continue
		}
		if got := appendAny(nil, decoded); string(got) != string(v.raw) {
			t.Errorf("%s: got %x, want %x", v.comment, got, []byte(v.raw))
		}
		if got := decoded.(interface{ String() string }).String(); got != v.want {
			t.Errorf("%s: String of the struct: got %s, want %s", v.comment, got, v.want)
		}
	}
}

func TestVectorsCoverEverySubtype(t *testing.T) {
	seen := map[wire.Subtype]bool{}
	for _, v := range vectors(t) {
		seen[v.raw.Subtype()] = true
	}
	for _, s := range append(named(), 9) {
		if !seen[s] {
			t.Errorf("no vector for %v", s)
		}
	}
}

func named() []wire.Subtype {
	return []wire.Subtype{wire.SubtypeMPCapable, wire.SubtypeMPJoin, wire.SubtypeDSS, wire.SubtypeAddAddr,
		wire.SubtypeRemoveAddr, wire.SubtypeMPPrio, wire.SubtypeMPFail, wire.SubtypeMPFastClose,
		wire.SubtypeMPTCPRst, wire.SubtypeExperimental}
}

// appendAny appends what Decode returns.
func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case *wire.MPCapable:
		return wire.AppendMPCapable(b, v)
	case *wire.MPJoin:
		return wire.AppendMPJoin(b, v)
	case *wire.DSS:
		return wire.AppendDSS(b, v)
	case *wire.AddAddr:
		return wire.AppendAddAddr(b, v)
	case *wire.RemoveAddr:
		return wire.AppendRemoveAddr(b, v)
	case *wire.MPPrio:
		return wire.AppendMPPrio(b, v)
	case *wire.MPFail:
		return wire.AppendMPFail(b, v)
	case *wire.MPFastClose:
		return wire.AppendMPFastClose(b, v)
	case *wire.MPTCPRst:
		return wire.AppendMPTCPRst(b, v)
	case *wire.Experimental:
		return wire.AppendExperimental(b, v)
	case *wire.Unknown:
		return wire.AppendUnknown(b, v)
	}
	panic(fmt.Sprintf("no Append for %T", v))
}
