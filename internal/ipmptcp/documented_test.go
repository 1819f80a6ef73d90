package ipmptcp_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fieldName is a key of our own JSON, where the code writes it.
var fieldName = regexp.MustCompile(`(?:f|document|object)\.(?:text|number|truth|add)\("([a-z_0-9]+)"|given\(f, "([a-z_0-9]+)"`)

// TestJSONIsDocumented looks for each key that the code writes in its
// documentation.
func TestJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/path-manager-json.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range []string{"event_document.go", "endpoint_json.go", "limits.go"} {
		text, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range fieldName.FindAllStringSubmatch(string(text), -1) {
			key := match[1] + match[2]
			if found++; !strings.Contains(string(doc), "`"+key+"`") {
				t.Errorf("%s: %s is not documented", name, key)
			}
		}
	}
	if found < 25 {
		t.Errorf("%d keys in the code only", found)
	}
}
