package lab_test

import (
	"fmt"
	"testing"

	"allroads/lab"

	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	tests := []struct {
		text string
		want lab.Rate
		back string
	}{
		{"50mbit", 50e6, "50mbit"},
		{"2.5gbit", 25e8, "2500mbit"},
		{"64kbit", 64e3, "64kbit"},
		{"9600bit", 9600, "9600bit"},
		{"1000kbit", 1e6, "1mbit"},
		{"0.29gbit", 29e7, "290mbit"},
		{"8bit", 8, "8bit"},
		{"1e3mbit", 1e9, "1gbit"},
	}
	for _, test := range tests {
		got, err := lab.ParseRate(test.text)
		if err != nil || got != test.want || got.String() != test.back {
			t.Errorf("%s: %d, %s, %v; want %d, %s", test.text, got, got, err, test.want, test.back)
		}
	}
	for _, text := range []string{"", "5", "bit", "mbit", "0bit", "7bit", "-5mbit", "NaNbit", "Infgbit", "5 mbit", " 5mbit",
		"5mbit ", "5Mbit", "5mbps", "5mbitmbit", "9999999999gbit", "5,5mbit", "5mbit\n"} {
		if got, err := lab.ParseRate(text); err == nil || got != 0 {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// A rate is written so that it is read back as it was, as far as Validate
// admits and beyond.
func TestRateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := lab.Rate(rapid.Uint64Range(8, 1<<53).Draw(t, "bits"))
		text, err := rate.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var read lab.Rate
		if err := read.UnmarshalText(text); err != nil || read != rate {
			t.Fatalf("%d: %s: %d, %v", rate, text, read, err)
		}
	})
}

// A decimal fraction means what it says, which floating point alone misses.
func TestRateFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kbit := rapid.Uint64Range(1, 30e6).Draw(t, "kbit")
		text := fmt.Sprintf("%d.%03dmbit", kbit/1000, kbit%1000)
		if got, err := lab.ParseRate(text); err != nil || got != lab.Rate(kbit*1000) {
			t.Fatalf("%s: %d, %v", text, got, err)
		}
	})
}

// Whatever is read can be written and read again.
func TestRateAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[-+]?[0-9_.xeENaInf]{0,20}(g|m|k)?bit`).Draw(t, "text")
		rate, err := lab.ParseRate(text)
		if err != nil {
			return
		}
		if again, err := lab.ParseRate(rate.String()); err != nil || again != rate || rate < 8 {
			t.Fatalf("%s: %d: %s: %d, %v", text, rate, rate, again, err)
		}
	})
}
