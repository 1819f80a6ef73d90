package lab_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// spot is a place in a document; put puts something else there.
type spot struct {
	path, key string
	parent    map[string]any // nil in a list
	value     any
	put       func(any)
}

// visit calls f with each place in a document, and undoes what f has done there.
func visit(path string, node any, f func(spot)) {
	switch node := node.(type) {
	case map[string]any:
		for _, key := range sorted(node) {
			value, at := node[key], path+"/"+key
			f(spot{at, key, node, value, func(v any) { node[key] = v }})
			node[key] = value
			visit(at, value, f)
		}
	case []any:
		for i, value := range node {
			at := fmt.Sprint(path, "/", i)
			f(spot{at, "", nil, value, func(v any) { node[i] = v }})
			node[i] = value
			visit(at, value, f)
		}
	}
}

// spots are all places, by path.
func spots(document any) map[string]spot {
	found := map[string]spot{}
	visit("", document, func(s spot) { found[s.path] = s })
	return found
}

// free reports whether a place's key is not one of ours.
func free(path string) bool {
	return strings.Contains(path, "/sysctls/") || strings.Contains(path, "/env/")
}

// A mistyped key is refused by both, wherever it is.
func TestSchemaMistypedKeys(t *testing.T) {
	schema := compiled(t, "")
	for name, text := range topologyFiles(t) {
		document, seen := object(t, text), map[string]bool{}
		visit("", document, func(s spot) {
			level := path.Dir(s.path)
			if s.parent == nil || free(s.path) || seen[level] {
				return
			}
			seen[level] = true
			s.parent[s.key+"x"] = s.value
			if parse, valid := askBoth(t, schema, name, document); parse == nil || valid == nil {
				t.Errorf("%s: %sx: Parse: %v; schema: %v", name, s.path, parse, valid)
			}
			delete(s.parent, s.key+"x")
		})
	}
}

// What Parse can do without, the schema can, too, and the other way round, save
// where a name goes missing that something else asks for, or half of a pair.
func TestSchemaMissingKeys(t *testing.T) {
	schema, document := compiled(t, ""), object(t, []byte(everything))
	pair := regexp.MustCompile(`no (host|link|interface|send) "(red|router|switch|late)"|jitter 5ms|burst`)
	visit("", document, func(s spot) {
		if s.parent == nil {
			return
		}
		delete(s.parent, s.key)
		parse, valid := askBoth(t, schema, "t.yaml", document)
		if (parse == nil) != (valid == nil) && (parse == nil || !pair.MatchString(parse.Error())) {
			t.Errorf("without %s: Parse: %v; schema: %v", s.path, parse, valid)
		}
	})
}

// A file that extends another may leave out what that one has.
func TestSchemaExtends(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base.yaml")
	if err := os.WriteFile(base, []byte(everything), 0o600); err != nil {
		t.Fatal(err)
	}
	schema, document := compiled(t, ""), object(t, []byte(everything))
	document.(map[string]any)["extends"] = "base.yaml"
	taken := 0
	visit("", document, func(s spot) {
		if s.parent == nil || s.key == "extends" {
			return
		}
		delete(s.parent, s.key)
		if parse, valid := askBoth(t, schema, base, document); parse == nil {
			taken++
			if valid != nil {
				t.Errorf("without %s: %v", s.path, valid)
			}
		}
	})
	text := "extends: base.yaml\nlinks: [{name: red, rate: 1mbit}]\nhosts: [{name: client, processes: [{name: job, env: {A: }}]}]\n"
	if parse, valid := askBoth(t, schema, base, object(t, []byte(text))); parse != nil || valid != nil || taken < 50 {
		t.Errorf("%d taken; Parse: %v; schema: %v", taken, parse, valid)
	}
}
