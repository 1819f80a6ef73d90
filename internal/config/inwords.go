package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// value is a key of a struct, and what it is in words.
type value struct{ key, text string }

// values are those of a struct, of inlined ones too.
func values(v reflect.Value) (all []value) {
	for field, v := range v.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if key == "" {
			all = append(all, values(v)...)
			continue
		}
		all = append(all, value{key, inWords(v)})
	}
	return all
}

const notSet = "not set"

// inWords is a value as it may be written in a file.
func inWords(v reflect.Value) string {
	switch v := v.Interface().(type) {
	case Strategy:
		return v.inWords()
	case fmt.Stringer:
		if v, ok := v.(encoding.TextMarshaler); ok {
			if text, err := v.MarshalText(); err != nil || len(text) == 0 {
				return notSet
			}
		}
		return v.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return notSet
		}
		return inWords(v.Elem())
	case reflect.Slice:
		return "[" + strings.Join(elements(v), ", ") + "]"
	case reflect.Struct:
		return keysInWords(v)
	case reflect.String:
		if v.Len() == 0 {
			return notSet
		}
	}
	return fmt.Sprint(v)
}

func elements(v reflect.Value) (all []string) {
	for i := range v.Len() {
		all = append(all, inWords(v.Index(i)))
	}
	return all
}

// keysInWords leaves out what is not set.
func keysInWords(v reflect.Value) string {
	var set []string
	none := values(reflect.Zero(v.Type()))
	for i, value := range values(v) {
		if value.text != none[i].text {
			set = append(set, value.key+": "+value.text)
		}
	}
	return "{" + strings.Join(set, ", ") + "}"
}

// inWords is the kind alone where all else is left to it.
func (s Strategy) inWords() string {
	if s == (Strategy{}) {
		return notSet
	}
	d := Strategy{Kind: s.Kind, N: s.N}.completed()
	unset(&s.Subflows, d.Subflows)
	unset(&s.Join, d.Join)
	unset(&s.Bad.Stall, d.Bad.Stall)
	unset(&s.Recovered, d.Recovered)
	s.Kind = d.Kind
	if s == (Strategy{Kind: s.Kind}) {
		return string(s.Kind)
	}
	type plain Strategy // without this method
	return keysInWords(reflect.ValueOf(plain(s)))
}

// unset takes a value away that is the default.
func unset[T comparable](value *T, d T) {
	if *value == d {
		*value = *new(T)
	}
}
