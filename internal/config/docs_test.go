package config_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"allroads/internal/config"
)

const page = "../../docs/reference/configuration.md"

// TestConfigReference: the page has every key in a row of a table, every word that a
// schema lists, and in its examples every key, too.
func TestConfigReference(t *testing.T) {
	text := file(t, page)
	examples := strings.Join(blocks(t, text), "\n")
	found := 0
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		for key, of := range keysOf(of) {
			found++
			if !regexp.MustCompile("(?m)^\\|.*`" + key + "`.*\\|$").MatchString(text) {
				t.Errorf("no table has %s", key)
			}
			if !regexp.MustCompile(`(^|[\s{,-])` + key + `:`).MatchString(examples) {
				t.Errorf("no example has %s", key)
			}
			walk(of)
		}
	}
	walk(reflect.TypeFor[config.Config]())
	words(schemaObject(t), func(word string) {
		found++
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("the page has no %s", word)
		}
	})
	if found < 80 {
		t.Errorf("%d keys and words only", found)
	}
}

// words calls f with each word of an enumeration in a schema.
func words(node any, f func(string)) {
	switch node := node.(type) {
	case map[string]any:
		if list, ok := node["enum"].([]any); ok {
			for _, word := range list {
				f(word.(string))
			}
		}
		for _, inner := range node {
			words(inner, f)
		}
	case []any:
		for _, inner := range node {
			words(inner, f)
		}
	}
}

// blocks are the examples of a page.
func blocks(t *testing.T, text string) (all []string) {
	t.Helper()
	for _, match := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	if len(all) < 5 {
		t.Fatalf("%d examples only", len(all))
	}
	return all
}

// TestConfigReferenceExamples: what the page shows is taken, and says something.
func TestConfigReferenceExamples(t *testing.T) {
	schema := compiledSchema(t)
	for _, example := range blocks(t, file(t, page)) {
		if parse, valid := judge(t, schema, []byte(example)); parse != nil || valid != nil {
			t.Errorf("%s\nParse: %v; schema: %v", example, parse, valid)
		} else if len(config.Difference(config.Default(), parsed(t, example))) == 0 {
			t.Errorf("says nothing:\n%s", example)
		}
	}
}

// TestConfigReferenceRules: the built-in rules of the page are those that decide.
func TestConfigReferenceRules(t *testing.T) {
	var listed []string
	for _, match := range regexp.MustCompile("(?m)^\\| `(built-in: .*?)` \\|").FindAllStringSubmatch(file(t, page), -1) {
		listed = append(listed, match[1])
	}
	for _, kind := range []config.LinkType{config.Loopback, config.Tun, config.Container, config.Other} {
		if _, rule := config.Default().Settings(config.Facts{Type: kind}); !slices.Contains(listed, rule) {
			t.Errorf("%s: the page has no %q", kind, rule)
		}
	}
	if len(listed) != 4 {
		t.Errorf("%q", listed)
	}
}
