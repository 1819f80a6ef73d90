package lab_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"allroads/lab"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// everything has every key that there is, but extends.
var everything = func() string {
	text, err := os.ReadFile("testdata/schema/everything.yaml")
	if err != nil {
		panic(err)
	}
	return string(text)
}()

func object(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func schemaDocument(t testing.TB) map[string]any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(lab.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// compiled is the schema, or what a place in it says.
func compiled(t testing.TB, place string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schemaDocument(t)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json#" + place)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// askBoth asks Parse and the schema about the same text, name being its file's.
func askBoth(t testing.TB, schema *jsonschema.Schema, name string, document any) (parse, valid error) {
	t.Helper()
	text, err := yaml.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	_, parse = lab.Parse(name, text)
	return parse, schema.Validate(object(t, text))
}

// topologyFiles are the texts of all that come with allroads.
func topologyFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"everything": []byte(everything)}
	for _, pattern := range []string{"../examples/*.yaml", "testdata/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal("no topologies", pattern, err)
		}
		for _, path := range paths {
			if files[path], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

func TestSchemaTakesFiles(t *testing.T) {
	schema := compiled(t, "")
	for name, text := range topologyFiles(t) {
		_, parse := lab.Parse(name, text)
		if valid := schema.Validate(object(t, text)); parse != nil || valid != nil {
			t.Errorf("%s: Parse: %v; schema: %v", name, parse, valid)
		}
	}
}

func TestSchemaIsOne(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	document := schemaDocument(t)
	if err := meta.Validate(document); err != nil {
		t.Error(err)
	}
	for name := range document["$defs"].(map[string]any) {
		if !bytes.Contains(lab.Schema(), []byte(`"#/$defs/`+name)) {
			t.Errorf("nobody asks for $defs/%s", name)
		}
	}
}
