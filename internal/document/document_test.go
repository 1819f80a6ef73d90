package document_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"allroads/internal/document"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

type dish struct {
	Name  string        `yaml:"name"`
	Time  time.Duration `yaml:"time"`
	Hot   *bool         `yaml:"hot"`
	Salt  float64       `yaml:"salt"`
	Parts []part        `yaml:"parts"`
	part  `yaml:",inline"`
}

type part struct {
	Kind  string `yaml:"kind"`
	Grams uint8  `yaml:"grams"`
}

func (part) ShortFor() string { return "kind" }

func read(t *testing.T, r *document.Reader, name, text string) ast.Node {
	t.Helper()
	body, err := r.Read(name, []byte(text))
	if err != nil {
		t.Fatal(r.Locate(name, err))
	}
	return body
}

// A single text stands for the key that it is short for, and its place is its own.
func TestShort(t *testing.T) {
	r := document.Reader{What: "dish", Type: reflect.TypeFor[dish]()}
	body := read(t, &r, "a.yaml", "name: 010\nparts: [rice, {kind: peas, grams: 0x10}, 7]\ntime: 0\n")
	var d struct {
		Name  string        `yaml:"name"`
		Time  time.Duration `yaml:"time"`
		Parts []part        `yaml:"parts"`
	}
	err := yaml.NodeToValue(body, &d)
	if err == nil || !strings.HasPrefix(r.Locate("x", err), "a.yaml:2:42: ") {
		t.Errorf("7 is no text: %v", err)
	}
	body = read(t, &r, "a.yaml", "name: 010\nparts: [rice, {kind: peas, grams: 0x10}]\ntime: 0\n")
	if err := yaml.NodeToValue(body, &d); err != nil || d.Name != "010" || len(d.Parts) != 2 || d.Parts[0] != (part{Kind: "rice"}) || d.Parts[1] != (part{"peas", 16}) {
		t.Errorf("%+v %v", d, err)
	}
	at := document.Place{"parts", 0}.Sub("kind").Find(body)
	if got := r.Locate("x", document.Wrong(at, "no %s", "rice")); !strings.HasPrefix(got, "a.yaml:2:9: no rice\n") || !strings.Contains(got, ">  2 | parts: [rice, ") {
		t.Error(got)
	}
}

// Plain says in words what is not what belongs there.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"parts: rice":         "1:8: not a list",
		"hot: yes":            "1:6: neither true nor false",
		"salt: 5%":            "1:7: not a number",
		"name: [a]":           "1:7: not a single value",
		"parts: [[a]]":        "1:9: not a mapping",
		"grams: 256":          `1:8: "256" is not a whole number from 0 to 255`,
		"tiem: 5s":            `1:1: unknown key "tiem": did you mean "time"?`,
		"parts: [{grms: 5}]":  `1:10: unknown key "grms": did you mean "grams"?`,
		"1: a":                "1:1: key 1 is not text",
		"name: a\tb":          "1:7: a tab inside a text",
		"name: a\n---\nb: c ": "3:2: a second document: a file holds one dish",
		"name: !!str a":       "1:7: tag !!str: a dish has none",
		"":                    "1:1: no dish: the file is empty",
	} {
		r := document.Reader{What: "dish", Type: reflect.TypeFor[dish](), Plain: true}
		_, err := r.Read("a.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(r.Locate("x", err), "a.yaml:"+want) && !strings.HasPrefix(r.Locate("a.yaml", err), "a.yaml:"+want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// What was laid over another document is said to be of its own file.
func TestLay(t *testing.T) {
	r := document.Reader{What: "dish", Type: reflect.TypeFor[dish]()}
	lower, upper := read(t, &r, "a.yaml", "name: a\nkind: b\n"), read(t, &r, "b.yaml", "\n\nkind: c\ntime: 5s\n")
	body := document.Lay(upper, lower, func(_ string, upper, _ ast.Node) ast.Node { return upper })
	err := r.Join("x", body, []document.Mistake{
		{At: document.Place{"name"}, Err: errFake("one"), With: document.Place{"kind"}}, {At: document.Place{"kind"}, Err: errFake("two")}})
	for _, want := range []string{"check dish a.yaml:1:7: one (b.yaml:3)", "check dish b.yaml:3:7: two"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

type errFake string

func (e errFake) Error() string { return string(e) }

func TestSuggestion(t *testing.T) {
	there := []string{"ethernet", "wifi", "wwan"}
	for word, want := range map[string]string{"wfii": "wifi", "WIFI": "wifi", "eth": "ethernet", "ethrnet": "ethernet", "lte": "", "": "", "x": ""} {
		got := document.Suggestion(word, there)
		if want == "" && got != "" || want != "" && !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
