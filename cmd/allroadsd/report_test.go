package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReportIsDocumented looks for each field of the JSON in its documentation.
func TestReportIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/hook-json.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, kind := range []reflect.Type{reflect.TypeFor[report](), reflect.TypeFor[tally]()} {
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(string(doc), "| `"+name+"` |") {
				t.Errorf("field %s is not documented", name)
			}
			found++
		}
	}
	if found < 10 {
		t.Errorf("%d fields", found)
	}
}
