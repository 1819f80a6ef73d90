package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// connsKey is a key of the JSON, where the code writes it.
var connsKey = regexp.MustCompile(`j\.(?:text|textIf|number|numberIf|large|hex|real|seconds|truth|key)\("([a-z_0-9]+)"|j\.at\("([a-z_]+)", "([a-z_]+)"`)

// TestConnsJSONIsDocumented looks for each key that the code writes in its
// documentation, and for each that is documented in the code.
func TestConnsJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/conns-json.md")
	must(t, err)
	documented, written := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(doc)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, name := range regexp.MustCompile("`([a-z_0-9]+)`").FindAllStringSubmatch(cells[1], -1) {
				documented[name[1]] = true
			}
		}
	}
	for _, file := range []string{"conns_json.go", "conns_json_row.go"} {
		text, err := os.ReadFile(filepath.Clean(file))
		must(t, err)
		for _, match := range connsKey.FindAllStringSubmatch(string(text), -1) {
			for _, name := range match[1:] {
				written[name] = true
			}
		}
	}
	delete(written, "")
	for _, name := range []string{"pid", "name"} { // They stand behind owners.
		documented[name] = strings.Contains(string(doc), "`"+name+"`")
	}
	if len(written) < 60 || !maps.Equal(written, documented) {
		t.Errorf("%d keys are written\n%v\ndocumented are\n%v", len(written),
			slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(documented)))
	}
}

// TestConnsJSON holds that no field is ever left out, and that what is printed is
// what the code seems to write.
func TestConnsJSON(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		eventually(t, "two subflows", func() bool { return strings.Contains(l.ok("server"), "2 established of 4") })
		text := l.ok("server", "--all", "--json")
		var shown struct {
			Schema      string
			Connections []map[string]any
		}
		must(t, json.Unmarshal([]byte(text), &shown))
		if shown.Schema != "allroads.connections/1" || len(shown.Connections) != 2 || strings.Count(text, "\n") != 4 {
			t.Fatalf("%s", text)
		}
		listener, connection := shown.Connections[0], shown.Connections[1]
		if a, b := keys(listener), keys(connection); len(a) < 35 || !slices.Equal(a, b) {
			t.Errorf("a listener has %v\na connection %v", a, b)
		}
		for key, want := range map[string]any{
			"state": "LISTEN", "token": nil, "remote_address": nil, "bytes_sent": nil, "since_sent": nil, "write_seq": nil,
			"local_port": 4000.0, "owners": nil, "cgroup": nil, "sent_rate": nil, "netns": nil,
		} {
			if listener[key] != want {
				t.Errorf("%s of a listener is %v", key, listener[key])
			}
		}
		for key, want := range map[string]any{
			"state": "ESTABLISHED", "bytes_received": 5.0, "bytes_sent": 0.0, "subflows_established": 2.0,
			"subflows_pending": 0.0, "subflows_limit": 4.0, "extra_subflows": 1.0, "fallback": false,
		} {
			if connection[key] != want {
				t.Errorf("%s of a connection is %v", key, connection[key])
			}
		}
		subflows := connection["subflows"].([]any)
		first, second := subflows[0].(map[string]any), subflows[1].(map[string]any)
		if a, b := keys(first), keys(second); len(a) < 40 || !slices.Equal(a, b) {
			t.Errorf("subflows have %v\n%v", a, b)
		}
		if first["share"] != 1.0 || second["share"] != 0.0 || first["share_now"] != nil || second["role"] != "joined" || second["remote_id"] != 5.0 {
			t.Errorf("%v\n%v", first, second)
		}
	})
}

func keys(of map[string]any) []string { return slices.Sorted(maps.Keys(of)) }
