package config_test

import (
	"bytes"
	"encoding"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allroads/internal/config"
	"allroads/internal/document"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func schemaObject(t testing.TB) map[string]any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.Schema()))
	must(t, err)
	return v.(map[string]any)
}

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	must(t, c.AddResource("schema.json", schemaObject(t)))
	schema, err := c.Compile("schema.json")
	must(t, err)
	return schema
}

// judge asks Parse and the schema about a text.
func judge(t testing.TB, schema *jsonschema.Schema, text []byte) (parse, valid error) {
	t.Helper()
	var value any
	must(t, yaml.Unmarshal(text, &value))
	_, parse = config.Parse("t.yaml", text)
	return parse, schema.Validate(value)
}

// keysOf are those of a struct that a mapping stands for, and their types.
func keysOf(t reflect.Type) map[string]reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	return document.Fields(t)
}

// properties are those that a schema describes, behind references and in lists, and
// whether others are forbidden.
func properties(root, node map[string]any) (found map[string]any, closed bool) {
	if ref, ok := node["$ref"].(string); ok {
		return properties(root, root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any))
	}
	for _, key := range []string{"items", "else"} {
		if inner, ok := node[key].(map[string]any); ok && node["properties"] == nil {
			return properties(root, inner)
		}
	}
	found, _ = node["properties"].(map[string]any)
	return found, node["additionalProperties"] == false
}

// TestSchemaHasAllKeys: each key of the Go types is in the schema, described, no other
// is, and testdata/everything.yaml has them all.
func TestSchemaHasAllKeys(t *testing.T) {
	root, all := schemaObject(t), 0
	everything := file(t, "testdata/everything.yaml")
	var compare func(at string, of reflect.Type, node map[string]any)
	compare = func(at string, of reflect.Type, node map[string]any) {
		want := keysOf(of)
		if want == nil {
			return
		}
		got, closed := properties(root, node)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" || !closed {
			t.Errorf("%s: closed: %t; keys of %v (-) and of the schema (+):\n%s", at, closed, of, diff)
		}
		for key, of := range want {
			all++
			inner, _ := got[key].(map[string]any)
			if text, _ := inner["description"].(string); text == "" && inner["$ref"] == nil {
				t.Errorf("%s.%s: no description", at, key)
			}
			if !strings.Contains(everything, key+":") {
				t.Errorf("everything.yaml has no %s.%s", at, key)
			}
			compare(at+"."+key, of, inner)
		}
	}
	compare("configuration", reflect.TypeFor[config.Config](), root)
	if all < 50 {
		t.Errorf("%d keys only", all)
	}
}

func TestSchemaIsOne(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	must(t, err)
	must(t, meta.Validate(schemaObject(t)))
	for name := range schemaObject(t)["$defs"].(map[string]any) {
		if !bytes.Contains(config.Schema(), []byte(`"#/$defs/`+name+`"`)) {
			t.Errorf("nobody asks for $defs/%s", name)
		}
	}
}

func TestSchemaTakesFiles(t *testing.T) {
	schema := compiledSchema(t)
	for _, name := range []string{"everything", "laptop", "server"} {
		if parse, valid := judge(t, schema, []byte(file(t, "testdata/"+name+".yaml"))); parse != nil || valid != nil {
			t.Errorf("%s: Parse: %v; schema: %v", name, parse, valid)
		}
	}
}

// TestSchemaTakesGenerated: what Parse takes, the schema takes, and of what it does not
// take because of a single value neither does the schema.
func TestSchemaTakesGenerated(t *testing.T) {
	schema, taken := compiledSchema(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		text, err := yaml.Marshal(configs().Draw(rt, "configuration"))
		must(t, err)
		if parse, valid := judge(t, schema, text); parse == nil && valid != nil {
			rt.Fatalf("%s\n%v", text, valid)
		} else if parse == nil {
			taken++
		}
	})
	if taken == 0 && !testing.Short() {
		t.Error("none was taken")
	}
}
