package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func demoOutput(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t), append([]string{"demo"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo %v: %v", args, err)
	}
	return string(out)
}

// What differs from run to run.
var (
	hexadecimal = regexp.MustCompile(`0x[0-9a-f]+|\b[0-9a-f]{8}\b`)
	amount      = regexp.MustCompile(`[0-9.]+ ([kMGT]?(B|bit/s)|ms|%)( |$)`)
	decimal     = regexp.MustCompile(`[0-9]+`)
	spaces      = regexp.MustCompile(` +`)
	sentTwice   = regexp.MustCompile(`(, none sent twice|; N bytes retransmitted by TCP, N reinjected)$`)
)

func normal(line string) string {
	line = hexadecimal.ReplaceAllString(strings.TrimSpace(line), "H")
	line = amount.ReplaceAllString(line, "A ")
	line = decimal.ReplaceAllString(line, "N")
	line = spaces.ReplaceAllString(line, " ")
	return sentTwice.ReplaceAllString(line, "")
}

// TestReadme runs the demo and looks for each line that the README shows, in
// the same order.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "<!-- demo -->\n```\n")
	block, _, closed := strings.Cut(block, "```\n")
	if !found || !closed {
		t.Fatal("the README has no block of the demo's output")
	}
	shown := findLines(t, strings.Split(demoOutput(t), "\n"), block)
	if shown < 40 {
		t.Errorf("the README shows %d lines only", shown)
	}
}

// TestJSONIsDocumented looks for each field of the JSON in its documentation.
func TestJSONIsDocumented(t *testing.T) {
	var doc []byte
	for _, page := range []string{"demo-json.md", "report-json.md"} {
		text, err := os.ReadFile("../../docs/reference/" + page)
		if err != nil {
			t.Fatal(err)
		}
		doc = append(doc, text...)
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(demoOutput(t, "--json", "--bulk", "100ms")), &result); err != nil {
		t.Fatal(err)
	}
	delete(result, "topology") // as in a topology file
	names, checks := map[string]bool{}, map[string]bool{}
	collect(result, names, checks)
	if len(names) < 50 || len(checks) < 12 {
		t.Fatalf("the JSON has fields %v and checks %v only", names, checks)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("field %s is not documented", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("check %s is not documented", name)
		}
	}
}

// collect gathers the names of fields, and of checks; those of an option's own
// fields are wire's.
func collect(value any, names, checks map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if _, isCheck := value["status"]; isCheck {
			checks[value["name"].(string)] = true
		}
		for name, inner := range value {
			names[name] = true
			if name != "fields" {
				collect(inner, names, checks)
			}
		}
	case []any:
		for _, inner := range value {
			collect(inner, names, checks)
		}
	}
}
