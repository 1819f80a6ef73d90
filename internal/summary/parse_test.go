package summary_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/lab"
	"allroads/trace"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"subflows >= 2":              "subflows >= 2",
		"subflows>=2":                "subflows >= 2",
		"  share ( red ) >20 %":      "share red > 20%",
		"share(2001:db8::1) != 0%":   "share 2001:db8::1 != 0%",
		"goodput to-server>10Mbit/s": "goodput to-server > 10Mbit/s",
		"no-fallback":                "fallbacks == 0",
		" proven ":                   "proven == yes",
		"verified != no":             "verified != no",
	} {
		e, err := summary.ParseExpectation(text)
		if err != nil || e.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, e, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const form = `not a subject, a comparison (== != <= >= < >) and a value, as in "subflows >= 2"`
	for text, want := range map[string]string{
		"":                     form,
		"subflows":             form,
		"subflows = 2":         form,
		"subflows ! 2":         form,
		"== 2":                 form,
		"share ))!=0%":         form,
		"share (red == 2%":     form,
		"a b c == 2":           form,
		"subflows ==":          "there is no value behind the comparison",
		"subflows == -1":       `"-1" is not a whole number`,
		"subflows == 2.5":      `"2.5" is not a whole number`,
		"subflows red == 2":    `subflows is not of a single "red"`,
		"share > 5%":           `share of which path? as in "share 10.0.1.2 > 20%"`,
		"share red > 5":        `"5" is not a percentage, as in 5%`,
		"share red > NaN%":     `"NaN%" is not a percentage, as in 5%`,
		"proven > no":          "proven is yes or no: == and != only",
		"proven == maybe":      `"maybe" is neither yes nor no`,
		"goodput up > 1Mbit/s": `"up" is not a direction: to-server or to-client`,
		"goodput > 10":         `"10" is not a rate: a number with kbit/s, Mbit/s or Gbit/s`,
		"goodput > 10MB/s":     `"10MB/s" is not a rate: a number with kbit/s, Mbit/s or Gbit/s`,
		"bytes > 1.5":          `"1.5" is not a number of bytes: a whole number, or one with kB, MB or GB`,
		"bytes > 1e300GB":      `"1e300GB" is not a number of bytes: a whole number, or one with kB, MB or GB`,
		"stall < 500":          `"500" is not a time span, as in 1.5s or 200ms`,
		"stall < -1s":          `"-1s" is not a time span, as in 1.5s or 200ms`,
	} {
		_, err := summary.ParseExpectation(text)
		if err == nil || !strings.HasSuffix(err.Error(), ": "+want) || !strings.HasPrefix(err.Error(), "expectation ") {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	_, err := summary.ParseExpectation("subflow == 2")
	if err == nil || !strings.Contains(err.Error(), `unknown subject "subflow": there are connections, fallbacks,`) {
		t.Errorf("error %v", err)
	}
}

// TestAsInScenarios: what scenarios expect of packets is read here as there.
func TestAsInScenarios(t *testing.T) {
	for _, text := range []string{
		"connections == 1", "subflows >= 2", "paths != 1", "fallbacks == 0", "bytes red > 500kB", "bytes == 1.5MB",
		"bytes < 64000", "proven == yes", "proven != yes",
	} {
		there, err := lab.ParseExpectation(text)
		if err != nil {
			t.Fatal(err)
		}
		here, err := summary.ParseExpectation(text)
		if err != nil || here.String() != there.String() ||
			here.Subject != there.Subject || here.Of != there.Of || here.Op != there.Op || here.Value != there.Value {
			t.Errorf("%q is %+v, %v; in scenarios %+v", text, here, err, there)
		}
	}
}

// FuzzParseExpectation: whatever is read is written so that it is read again as the
// same, and can be judged.
func FuzzParseExpectation(f *testing.F) {
	for _, s := range summary.Subjects() {
		for _, value := range []string{"2", "5%", "1.5MB", "200ms", "10Mbit/s", "yes"} {
			f.Add(s.Name + " >= " + value)
			f.Add(s.Name + "(red)==" + value)
		}
	}
	f.Add("goodput to-client > 1gbit")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := summary.ParseExpectation(text)
		if err != nil {
			return
		}
		again, err := summary.ParseExpectation(e.String())
		if err != nil || again != e {
			t.Fatalf("%q is %+v, and that is %+v, %v", text, e, again, err)
		}
		outcome := judge(t, e.String(), nil, &trace.Report{})
		if outcome.Text != e.String() || outcome.Got == "" || outcome.Met && outcome.Unknown {
			t.Fatalf("%+v", outcome)
		}
	})
}

// TestLabs: the labs that the captures are of can be built still.
func TestLabs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lab.Parse(name, text); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(strings.TrimSuffix(name, ".yaml") + ".pcapng.gz"); err != nil {
			t.Error(err)
		}
	}
}
