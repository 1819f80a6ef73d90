package scenario_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/scenario"
)

// The attributes and elements that junit-10.xsd allows where JUnit writes any.
var junitAttributes = map[string][]string{
	"testsuite":  {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
	"testcase":   {"name", "classname", "assertions", "time", "status"},
	"failure":    {"message", "type"},
	"system-out": {},
}

var junitParents = map[string]string{"testsuite": "", "testcase": "testsuite", "failure": "testcase", "system-out": "testcase"}

var ugly = &scenario.Report{
	Topology: `<"ugly" & 'name'>`,
	Duration: 1234567 * time.Microsecond,
	Steps: []scenario.Step{
		{Number: 1, Kind: "run", Name: "up", Text: "run <sh> in a&b", Begin: new(time.Second), End: new(3 * time.Second), Output: "]]> \x1b[1mbold\x00 \xff ä\n", Error: "exit code 1, not 0\x07"},
		{Number: 2, Kind: "expect", Text: "expect connections == 1", Passed: true},
		{Number: 3, Kind: "link", Text: "link red down", Passed: true},
	},
	Expectations: []scenario.Judgement{
		{Text: "connections == 1", Step: 2, Met: true, Found: new("1")},
		{Text: "gap < 1s", Found: new("2s")},
		{Text: "exit < 1", Why: "unknown: <not> ended"},
		{Text: "proven == yes", Found: new("no"), Why: "NOT PROVEN: & more"},
	},
}

func junit(t *testing.T, r *scenario.Report) []byte {
	t.Helper()
	text, err := r.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestJUnitContent reads a report back, as others do.
func TestJUnitContent(t *testing.T) {
	var suite struct {
		Name  string `xml:"name,attr"`
		Time  string `xml:"time,attr"`
		Cases []struct {
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			Time    string `xml:"time,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Out string `xml:"system-out"`
		} `xml:"testcase"`
	}
	// The names of attributes are in lower case.
	type lower struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	var counts lower
	for _, into := range []any{&suite, &counts} {
		if err := xml.Unmarshal(junit(t, ugly), into); err != nil {
			t.Fatal(err)
		}
	}
	if suite.Name != ugly.Topology || counts != (lower{6, 4, 0}) || suite.Time != "1.235" {
		t.Errorf("%+v %+v", suite, counts)
	}
	want := []struct{ name, time, message, text, out string }{
		{"step 1, up: run <sh> in a&b", "2.000", "exit code 1, not 0\ufffd", "]]> \ufffd[1mbold\ufffd \ufffd ä\n", "]]> \ufffd[1mbold\ufffd \ufffd ä\n"},
		{name: "step 3: link red down", time: "0.000"},
		{name: "step 2: expect connections == 1", time: "0.000"},
		{name: "expect gap < 1s", time: "0.000", message: "found 2s"},
		{name: "expect exit < 1", time: "0.000", message: "unknown: <not> ended", text: "unknown: <not> ended"},
		{name: "expect proven == yes", time: "0.000", message: "found no", text: "NOT PROVEN: & more"},
	}
	if len(suite.Cases) != len(want) {
		t.Fatalf("%d cases, want %d", len(suite.Cases), len(want))
	}
	for i, c := range suite.Cases {
		got := want[i]
		got.name, got.time, got.message, got.text, got.out = c.Name, c.Time, "", "", c.Out
		if c.Failure != nil {
			got.message, got.text = c.Failure.Message, c.Failure.Text
		}
		if got != want[i] || c.Class != ugly.Topology {
			t.Errorf("got %q of %q, want %q", got, c.Class, want[i])
		}
	}
}

// TestJUnitForm holds that there is nothing but what the schema has, in the order
// that it has it, from a real report too.
func TestJUnitForm(t *testing.T) {
	real := play(t, topology(t, `
scenario:
  timeout: 500ms
  steps:
    - {run: [sh, -c, "printf '\\033[1m<bold>\\000'; exit 1"]}
    - {send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 10}}
    - {at: 9s, expect: [connections == 1, proven == yes]}
  expect: [connections == 1, proven == yes, exit == 0]
`))
	for _, report := range []*scenario.Report{ugly, real} {
		text := junit(t, report)
		checkForm(t, text)
		lint(t, text)
	}
	if got := strings.Count(string(junit(t, real)), "<testcase "); got != 7 {
		t.Errorf("%d cases, want 7", got)
	}
}

func checkForm(t *testing.T, text []byte) {
	t.Helper()
	var open []string
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for elements := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			if elements < 2 || len(open) > 0 {
				t.Fatalf("after %d elements: %v in\n%s", elements, err, text)
			}
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements++
			parent := strings.Join(open[max(0, len(open)-1):], "")
			if want, known := junitParents[token.Name.Local]; !known || want != parent || token.Name.Space != "" {
				t.Errorf("element %v in %q", token.Name, parent)
			}
			for _, attribute := range token.Attr {
				if !slices.Contains(junitAttributes[token.Name.Local], attribute.Name.Local) {
					t.Errorf("attribute %v of %v", attribute.Name, token.Name)
				}
			}
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// lint has xmllint read the text, where there is one.
func lint(t *testing.T, text []byte) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("no xmllint")
		return
	}
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--noout", path).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}
