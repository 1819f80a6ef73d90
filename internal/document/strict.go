package document

import (
	"encoding"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// strict holds a document to the Go type that it is to become, and finds what
// the YAML library lets pass in silence (a key that is not text, a fraction for
// a whole number), or complains about without saying where (an address, a rate).
// On its way it makes every value that is to be text what it is in the file.
// What it says nothing about is the library's to find.
func (r *Reader) strict(node ast.Node, t reflect.Type) error {
	switch node := node.(type) {
	case *ast.AnchorNode:
		return r.strict(node.Value, t)
	case *ast.AliasNode, *ast.NullNode: // What an alias stands for is checked where it stands.
		return nil
	case *ast.TagNode: // The library panics where one has no value.
		return Wrong(node, "tag %s: a %s has none", node.GetToken().Value, r.What)
	}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return strictText(node, reads(time.ParseDuration))
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return strictText(node, reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText)
	}
	if t.Kind() == reflect.Pointer {
		return r.strict(node, t.Elem())
	}
	if r.Plain {
		if err := plain(node, t); err != nil {
			return err
		}
	}
	switch t.Kind() {
	case reflect.Struct:
		return r.strictStruct(node, Fields(t))
	case reflect.Map:
		return r.strictMap(node, t.Elem())
	case reflect.Slice:
		return r.strictList(node, t.Elem())
	case reflect.Int, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strictText(node, whole(t))
	}
	return nil
}

func (r *Reader) strictStruct(node ast.Node, fields map[string]reflect.Type) error {
	for _, entry := range Entries(node) {
		if entry.Key.IsMergeKey() {
			continue
		}
		name, ok := KeyText(entry)
		if !ok {
			return Wrong(entry.Key, "key %s is not text", entry.Key)
		}
		t, ok := fields[name]
		if !ok {
			return Wrong(entry.Key, "unknown key %q%s", name, Suggestion(name, Keys(fields)))
		}
		if err := r.strictEntry(entry, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) strictMap(node ast.Node, t reflect.Type) error {
	for _, entry := range Entries(node) {
		if _, ok := KeyText(entry); !ok && !entry.Key.IsMergeKey() {
			return Wrong(entry.Key, "key %s is not text", entry.Key)
		}
		if err := r.strictEntry(entry, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) strictEntry(entry *ast.MappingValueNode, t reflect.Type) error {
	entry.Value = spelledOut(asText(entry.Value, t), t)
	return r.strict(entry.Value, t)
}

func (r *Reader) strictList(node ast.Node, t reflect.Type) error {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	for i := range list.Values {
		list.Values[i] = spelledOut(asText(list.Values[i], t), t)
		if err := r.strict(list.Values[i], t); err != nil {
			return err
		}
	}
	return nil
}

// Fields are the keys of a struct, those of inlined ones with them, and their types.
func Fields(t reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case name != "":
			found[name] = field.Type
		case field.Anonymous:
			maps.Copy(found, Fields(field.Type))
		}
	}
	return found
}
