package bothends_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"allroads/internal/bothends"
)

// TestFieldsAreDocumented looks for each field of the JSON in its documentation, and
// for each kind of change and basis of a match.
func TestFieldsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/both-ends-json.md")
	must(t, err)
	doc := string(text)
	seen := map[reflect.Type]bool{}
	var visit func(of reflect.Type)
	visit = func(of reflect.Type) {
		for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] || !strings.HasSuffix(of.PkgPath(), "bothends") {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			field := of.Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || !strings.Contains(doc, "`"+name+"`") {
				t.Errorf("%s of %s is not documented", name, of)
			}
			visit(field.Type)
		}
	}
	visit(reflect.TypeFor[bothends.Result]())
	if len(seen) < 12 {
		t.Errorf("only %v", seen)
	}
	for _, word := range []string{
		bothends.OptionRemoved, bothends.OptionAdded, bothends.OptionChanged, bothends.SequenceShifted, bothends.AddressTranslated,
		bothends.PayloadAltered, bothends.ResetInjected, bothends.PacketsInjected, bothends.FlagsChanged, bothends.WindowChanged,
		bothends.DSCPChanged, bothends.ECNChanged, string(bothends.ByAddresses), string(bothends.ByNumbers), string(bothends.ByStamps),
		string(bothends.ByNonces), string(bothends.ByKeys), string(bothends.ByPayload), bothends.Schema,
	} {
		if !strings.Contains(doc, word+"`") && !strings.Contains(doc, word+"\"`") {
			t.Errorf("%q is not documented", word)
		}
	}
}

// TestJSON: lists are never null, and what is not known is.
func TestJSON(t *testing.T) {
	a, b := newSimulation(9).run(100)
	out, err := json.Marshal(compareLists(t, a, b))
	must(t, err)
	for _, want := range []string{`{"schema":"allroads.both-ends/1","verdict":"nothing`, `"steps":[]`, `"changes":[]`, `"unmatched":[]`, `"notes":[]`, `"drops":null`, `"hops":0`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}
