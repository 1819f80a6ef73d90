package pathmanager_test

import (
	"strings"
	"testing"

	"allroads/pathmanager"
)

func TestFlagWords(t *testing.T) {
	for flags, want := range map[pathmanager.Flags]string{
		0:                                        "",
		pathmanager.Laminar | pathmanager.Signal: "signal laminar",
		pathmanager.Backup | pathmanager.Subflow: "subflow backup",
		0x3f:                                     "signal subflow backup fullmesh implicit laminar",
		0x40:                                     "rawflags 40",
		0x80000041:                               "signal rawflags 80000040",
		pathmanager.Fullmesh | pathmanager.Subflow: "subflow fullmesh",
	} {
		if got := flags.String(); got != want {
			t.Errorf("Flags(%#x) = %q, want %q", uint32(flags), got, want)
		}
	}
}

func TestParseFlag(t *testing.T) {
	for word, bit := range bits {
		got, err := pathmanager.ParseFlag(word)
		if err != nil || got != bit || got.String() != word {
			t.Errorf("ParseFlag(%q) = %#x %q, %v, want %#x", word, uint32(got), got, err, uint32(bit))
		}
	}
	for _, word := range []string{"", "sig", "Signal", " signal", "nobackup", "unknown", "rawflags 40", "signal subflow"} {
		got, err := pathmanager.ParseFlag(word)
		if err == nil || got != 0 || !strings.Contains(err.Error(), `"`+word+`"`) {
			t.Errorf("ParseFlag(%q) = %v, %v, want an error that names it", word, got, err)
		}
	}
}
