package lab_test

import (
	"encoding"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allroads/lab"

	"github.com/google/go-cmp/cmp"
)

// keys are those of a struct of a topology, nil for what is a single value.
func keys(t reflect.Type) map[string]reflect.Type {
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	found := map[string]reflect.Type{}
	for field := range t.Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" {
			found[name] = field.Type
		} else {
			maps.Copy(found, keys(field.Type))
		}
	}
	return found
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

type schemaWalk struct {
	t    *testing.T
	root map[string]any
	seen map[string]bool // all keys
}

// follow returns what a schema refers to, and its description.
func (w *schemaWalk) follow(node map[string]any) (_ map[string]any, description any) {
	description = node["description"]
	for ref, ok := node["$ref"].(string); ok; ref, ok = node["$ref"].(string) {
		var at any = w.root
		for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(map[string]any)[key]
		}
		node = at.(map[string]any)
		if description == nil {
			description = node["description"]
		}
	}
	return node, description
}

func (w *schemaWalk) compare(at string, t reflect.Type, node map[string]any) {
	node, description := w.follow(node)
	if text, _ := description.(string); text == "" {
		w.t.Errorf("%s: no description", at)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	inner, _ := node["items"].(map[string]any)
	if t.Kind() == reflect.Map {
		inner, _ = node["additionalProperties"].(map[string]any)
	}
	want := keys(t)
	switch {
	case want == nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map):
		w.compare(at+"[]", t.Elem(), inner)
		return
	case want == nil:
		return
	case node["additionalProperties"] != false:
		w.t.Errorf("%s: takes additional properties", at)
	}
	properties, _ := node["properties"].(map[string]any)
	if diff := cmp.Diff(sorted(want), sorted(properties)); diff != "" {
		w.t.Errorf("%s: keys of %v (-) and of the schema (+):\n%s", at, t, diff)
	}
	for key, t := range want {
		w.seen[key] = true
		if node, ok := properties[key].(map[string]any); ok {
			w.compare(at+"."+key, t, node)
		}
	}
}

func TestSchemaHasAllKeys(t *testing.T) {
	w := schemaWalk{t, schemaDocument(t), map[string]bool{}}
	w.compare("topology", reflect.TypeFor[lab.Topology](), w.root)
	used := map[string]bool{"extends": true}
	for _, s := range spots(object(t, []byte(everything))) {
		if s.parent != nil && !free(s.path) {
			used[s.key] = true
		}
	}
	if diff := cmp.Diff(sorted(w.seen), sorted(used)); diff != "" {
		t.Errorf("keys there are (-) and those of everything (+):\n%s", diff)
	}
}
