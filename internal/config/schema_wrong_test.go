package config_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allroads/internal/config"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

// onlyParse are parts of the complaints that take more than a look at one value.
var onlyParse = []string{"did you mean 10.0.0.0/8", "never matches", "not a pattern", "no interface is called", "another rule has it", "is never asked",
	"or 0 for", "link-local prefixes only", "role never: and", "with role: signal no", "the other family", "is known to be", "strategy none: and",
	"only strategy ndiffports", "beside it", "calls rules without", `" a": printable`, "write it as IPv4", "not one that a peer", "ends before", "70000",
	"twice", `"Host"`, `"all_with`, "strategy ndiffports: no n: how many subflows in all, as {kind: ndiffports, n: 2}\n>  1 | strategy: {kind",
	"n 66: 1 to 65", "two: not", "<< among", "a second document", "already defined", "!!str", "missing unit", "from the root", `"010"`}

// TestSchemaWrong: what is wrong for Parse is wrong for the schema, too, but for onlyParse.
func TestSchemaWrong(t *testing.T) {
	schema, refused := compiledSchema(t), 0
	for _, test := range wrong {
		var value any
		if yaml.Unmarshal([]byte(test.text), &value) != nil || strings.Contains(test.text, "---") {
			continue
		}
		_, parse := config.Parse("t.yaml", []byte(test.text))
		if valid := schema.Validate(value); valid != nil {
			refused++
		} else if !slices.ContainsFunc(onlyParse, func(part string) bool { return strings.Contains(parse.Error(), part) }) {
			t.Errorf("%q: the schema takes it; Parse: %v", test.text, parse)
		}
	}
	if refused < 50 {
		t.Errorf("the schema refuses %d only", refused)
	}
}

// Values that are wrong in some places, and right in others.
var values = strings.Fields(`-1 0 1 5 65 256 65536 70000 1.5 true "5" "0" 0.5 yes a a/b /a "0x10" 20ms 1m30s 0s .5s -1s 2h 5% 10.0.0.9 10.0.0.0/24
	10.0.0.9/33 "fd00::9" "fd00::/64" "fe80::1%x" 443 8000-8999 "443" 9-8 host auto kernel use never signal handover ndiffports none backup
	at-once client ipv4 wifi keep default-route [] [a] [1] [443] [wifi] [10.0.0.0/24] [/a] {} {kind:handover} {port:80}`)

// TestSchemaTakesValues: what Parse takes, the schema takes: any value in any place.
func TestSchemaTakesValues(t *testing.T) {
	schema, taken := compiledSchema(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		var document map[string]any
		must(t, yaml.Unmarshal([]byte(file(t, "testdata/everything.yaml")), &document))
		var value any
		must(t, yaml.Unmarshal([]byte(strings.ReplaceAll(rapid.SampledFrom(values).Draw(rt, "value"), "{kind:", "{kind: ")), &value))
		where := exchange(rt, document, value)
		text, err := yaml.Marshal(document)
		must(t, err)
		if parse, valid := judge(t, schema, text); parse == nil && valid != nil {
			rt.Fatalf("%s: %v: %v", where, value, valid)
		} else if parse == nil {
			taken++
		}
	})
	if taken == 0 && !testing.Short() {
		t.Error("Parse takes none of them")
	}
}

// exchange puts a value somewhere into a document, and says where.
func exchange(t *rapid.T, node, value any) (where string) {
	deeper := rapid.Bool().Draw(t, "deeper")
	isNode := func(v any) bool {
		return reflect.ValueOf(v).Kind() == reflect.Map || reflect.ValueOf(v).Kind() == reflect.Slice
	}
	switch node := node.(type) {
	case map[string]any:
		key := rapid.SampledFrom(slices.Sorted(maps.Keys(node))).Draw(t, "key")
		if deeper && isNode(node[key]) {
			return "." + key + exchange(t, node[key], value)
		}
		node[key] = value
		return "." + key
	case []any:
		if i := rapid.IntRange(0, len(node)-1).Draw(t, "at"); deeper && isNode(node[i]) {
			return "[]" + exchange(t, node[i], value)
		} else {
			node[i] = value
		}
	}
	return "[]"
}
