package control

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fields collects the names of all JSON fields of a type.
func fields(of reflect.Type, names map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		fields(of.Elem(), names)
	case reflect.Struct:
		if of == reflect.TypeFor[time.Time]() {
			return
		}
		for field := range of.Fields() {
			names[strings.Split(field.Tag.Get("json"), ",")[0]] = true
			fields(field.Type, names)
		}
	}
}

// TestDocumented: the page has each field of each answer in the section of that answer,
// none besides, and each schema and each code.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/control-api.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	name := regexp.MustCompile("`([a-z_.]+)`")
	for title, value := range map[string]any{"Status": Status{}, "Paths": Paths{}, "Story": Story{}, "Events": Event{},
		"Reload": Reloaded{}, "Version": Release{}, "Failures": Failure{}} {
		has, shown := map[string]bool{}, map[string]bool{}
		fields(reflect.TypeOf(value), has)
		for line := range strings.Lines(sections[title]) {
			cells := strings.Split(line, "|")
			if len(cells) < 3 {
				continue
			}
			for _, match := range name.FindAllStringSubmatch(cells[1], -1) {
				field := match[1][strings.LastIndex(match[1], ".")+1:]
				shown[field] = true
				if !has[field] && title != "Failures" {
					t.Errorf("%s: %s is no field", title, field)
				}
			}
			for _, match := range name.FindAllStringSubmatch(cells[2], -1) {
				shown[match[1]] = true
			}
		}
		if title == "Story" { // It has a connection of Paths.
			inside := map[string]bool{}
			fields(reflect.TypeFor[Connection](), inside)
			maps.DeleteFunc(has, func(name string, _ bool) bool { return inside[name] })
		}
		for _, field := range slices.Sorted(maps.Keys(has)) {
			if !shown[field] {
				t.Errorf("%s: field %s is not documented", title, field)
			}
		}
		schema, _ := reflect.TypeOf(value).FieldByName("Schema")
		if len(has) < 3 || schema.Name == "" {
			t.Errorf("%s: fields %v", title, has)
		}
	}
	for _, word := range []string{StatusSchema, PathsSchema, StorySchema, EventSchema, ReloadedSchema, ReleaseSchema, FailureSchema,
		string(CodeRequest), string(CodeForbidden), string(CodePath), string(CodeUnknown), string(CodeMethod), string(CodeAmbiguous),
		string(CodeTooLarge), string(CodeRefused), string(CodeUnavailable), DefaultSocket, Group} {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("%s is not documented", word)
		}
	}
}
