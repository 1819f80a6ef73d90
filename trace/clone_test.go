package trace_test

import (
	"reflect"
	"testing"

	"allroads/trace"
)

// memoryOf notes where the slices, maps and pointers of a value lead to, but to what
// is constant.
func memoryOf(v reflect.Value, note func(path string, at uintptr), path string) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Cap() > 0 {
			note(path, v.Pointer())
		}
		for i := range v.Len() {
			memoryOf(v.Index(i), note, path+"[]")
		}
	case reflect.Pointer, reflect.Map:
		if !v.IsNil() {
			note(path, v.Pointer())
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "net/netip" || v.Type().PkgPath() == "unique" {
			return
		}
		for i := range v.NumField() {
			memoryOf(v.Field(i), note, path+"."+v.Type().Field(i).Name)
		}
	}
}

// TestClone: a copy is equal and shares no memory that the analyzer uses again.
func TestClone(t *testing.T) {
	var copied, before *trace.Connection
	_, err := openFiles(t, twoPaths).Analyze(t.Context(), trace.Options{Chart: 50}, func(c *trace.Connection) {
		copied = c.Clone()
		if !reflect.DeepEqual(copied, c) {
			t.Error("the copy is not equal")
		}
		before = c
		mine := map[uintptr]string{}
		memoryOf(reflect.ValueOf(*c), func(path string, at uintptr) { mine[at] = path }, "")
		if len(mine) < 10 {
			t.Errorf("found %v only", mine)
		}
		constant := map[string]bool{".Version": true, ".Subflows[].Verified": true}
		memoryOf(reflect.ValueOf(*copied), func(path string, at uintptr) {
			if _, shared := mine[at]; shared && !constant[path] {
				t.Errorf("%s is shared", path)
			}
		}, "")
	})
	if err != nil || before == nil {
		t.Fatal(err)
	}
}
