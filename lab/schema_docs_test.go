package lab_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"allroads/lab"
)

// TestReferenceHasAllKeys: the page of the file format names each key and each
// subject of expectations.
func TestReferenceHasAllKeys(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/lab-file.md")
	must(t, err)
	var schema any
	must(t, json.Unmarshal(lab.Schema(), &schema))
	found := 0
	named := func(name string) {
		if found++; !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), "`"+name+":") {
			t.Errorf("%s is not in the reference", name)
		}
	}
	eachProperty(schema, named)
	for _, subject := range lab.Subjects {
		named(subject.Name)
	}
	if found < 80 {
		t.Errorf("%d keys only", found)
	}
}

// eachProperty calls f with each name under a key properties.
func eachProperty(node any, f func(string)) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			properties, ok := value.(map[string]any)
			if key == "properties" && ok {
				for name := range properties {
					f(name)
				}
			}
			eachProperty(value, f)
		}
	case []any:
		for _, value := range node {
			eachProperty(value, f)
		}
	}
}
