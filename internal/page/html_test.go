package page_test

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"allroads/internal/page"
	"allroads/trace"

	"golang.org/x/net/html"
)

// void are the elements of HTML without an end.
var void = []string{"meta", "input", "br", "img", "link", "hr"}

// element is one of a page as it is written.
type element struct {
	name string
	html.Token
	attributes map[string]string
}

// parsed reads a page more strictly than a browser: elements end in the reverse of
// the order in which they begin, and attributes come once.
func parsed(t *testing.T, text []byte) (elements []element, content map[string]string) {
	t.Helper()
	texts := map[string]*strings.Builder{}
	var open []string
	z := html.NewTokenizer(bytes.NewReader(text))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				t.Fatal(z.Err())
			}
			if len(open) > 0 {
				t.Fatalf("not ended: %v", open)
			}
			content = map[string]string{}
			for name, text := range texts {
				content[name] = text.String()
			}
			return elements, content
		case html.StartTagToken, html.SelfClosingTagToken:
			e := element{Token: z.Token(), attributes: map[string]string{}}
			e.name = e.Data
			for _, a := range e.Attr {
				if _, twice := e.attributes[a.Key]; twice {
					t.Errorf("<%s> has %s twice", e.name, a.Key)
				}
				e.attributes[a.Key] = a.Val
			}
			elements = append(elements, e)
			if kind == html.StartTagToken && !slices.Contains(void, e.name) {
				open = append(open, e.name)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				t.Fatalf("</%s> where %v is open", name, open)
			}
			open = open[:len(open)-1]
		case html.TextToken:
			if len(open) > 0 {
				name := open[len(open)-1]
				if texts[name] == nil {
					texts[name] = &strings.Builder{}
				}
				texts[name].Write(z.Text())
			}
		}
	}
}

// checkPage holds a page to what a browser, and who cannot see it, needs.
func checkPage(t *testing.T, text []byte) (elements []element) {
	t.Helper()
	elements, _ = parsed(t, text)
	ids := map[string]bool{}
	for _, e := range elements {
		id, ok := e.attributes["id"]
		if ids[id] {
			t.Errorf("id %q is there twice", id)
		}
		ids[id] = ok
	}
	for _, e := range elements {
		for _, reference := range strings.Fields(e.attributes["aria-labelledby"]) {
			if !ids[reference] {
				t.Errorf("<%s> is labelled by %q, which is not there", e.name, reference)
			}
		}
		checkElement(t, &e, ids)
	}
	return elements
}

func checkElement(t *testing.T, e *element, ids map[string]bool) {
	t.Helper()
	switch e.name {
	case "th":
		if e.attributes["scope"] == "" {
			t.Error("<th> without a scope")
		}
	case "svg":
		plot := strings.Contains(e.attributes["class"], "plot") || strings.Contains(e.attributes["class"], "rungs")
		if plot && (e.attributes["role"] != "img" || e.attributes["aria-labelledby"] == "") {
			t.Errorf("graph without a name: %v", e.Token)
		}
	case "link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "foreignobject":
		t.Errorf("<%s> is on the page", e.name)
	}
	for key, value := range e.attributes {
		switch {
		case strings.HasPrefix(key, "on") || key == "style" || key == "src":
			t.Errorf("<%s %s=%q>", e.name, key, value)
		case key == "href" && (!strings.HasPrefix(value, "#") || !ids[value[1:]]):
			t.Errorf("<%s> refers to %q", e.name, value)
		case badNumber.MatchString(value) && key != "content" && key != "data-label":
			t.Errorf("<%s %s=%q>", e.name, key, value)
		case strings.Contains(value, "http") && key != "http-equiv":
			t.Errorf("<%s %s=%q>", e.name, key, value)
		}
	}
}

// TestPageForms: pages with little or much on them are what a browser and who cannot
// see it need.
func TestPageForms(t *testing.T) {
	eachForm(t, func(t *testing.T, c *trace.Connection) { checkPage(t, written(t, reported(*c))) })
	t.Run("none", func(t *testing.T) {
		p := reported()
		if text := written(t, p); !bytes.Contains(text, []byte("No connection was found.")) {
			t.Error("it does not say that there is none")
		} else {
			checkPage(t, text)
		}
	})
	t.Run("captured", func(t *testing.T) {
		text := written(t, captured(t))
		checkPage(t, text)
		for _, want := range []string{"Proven.", "SYN, MP_JOIN", "MPTCP used on 2 paths"} {
			if !bytes.Contains(text, []byte(want)) {
				t.Errorf("no %q", want)
			}
		}
	})
}

// TestPageHostile: a page with hostile names has the elements and attributes that it
// has with harmless ones, one script, and every name as text that can be read.
func TestPageHostile(t *testing.T) {
	text := written(t, poisoned())
	elements := checkPage(t, text)
	scripts := 0
	for _, e := range elements {
		if e.name == "script" {
			scripts++
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts", scripts)
	}
	_, content := parsed(t, text)
	for _, name := range []string{"title", "h1", "bdi", "pre", "li", "td"} {
		if !strings.Contains(content[name], `</script><img src=x onerror="window.pwned=1">'"`) {
			t.Errorf("<%s> has not the name", name)
		}
	}
	for i, r := range string(text) {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u202e' {
			t.Fatalf("%U at byte %d", r, i)
		}
	}
}

// maxPage is how many bytes a page may have.
const maxPage = 5_000_000

// TestPageSize: with very many connections, those that are remarkable keep their
// details, and of the others some are rows of the table.
func TestPageSize(t *testing.T) {
	for _, test := range []struct{ connections, rows, hidden int }{{1000, 1000, 12}, {2500, 2000, 512}} {
		list := many(test.connections)
		for i := range list {
			list[i].Checks = nil
		}
		odd := &list[777]
		odd.Conclusion.Kind, odd.ToServer.Bytes = trace.KindFallback, 0
		p := reported(list...)
		p.Hidden = 12
		text := written(t, p)
		if len(text) > maxPage {
			t.Errorf("%d connections: %d bytes", test.connections, len(text))
		}
		rows := bytes.Count(text, []byte(`<tr><th scope="row" class="n" data-v="`)) - bytes.Count(text, []byte(`<tr><th scope="row" class="n" data-v="`+"1\"><svg")) -
			bytes.Count(text, []byte(`<tr><th scope="row" class="n" data-v="`+"2\"><svg"))
		sections := bytes.Count(text, []byte(`<section class="connection"`))
		if rows != test.rows || sections < 50 || sections >= 1000 {
			t.Errorf("%d connections: %d rows, %d sections", test.connections, rows, sections)
		}
		for _, want := range []string{`id="connection-778"`, "of them have a row only", strconv.Itoa(test.hidden) + " more connections are not on this page"} {
			if !bytes.Contains(text, []byte(want)) {
				t.Errorf("%d connections: no %q", test.connections, want)
			}
		}
		if test.connections == 1000 {
			checkPage(t, text)
		}
	}
}

// FuzzEscape: what a page shows of a name is the name, but for what cannot be shown.
func FuzzEscape(f *testing.F) {
	f.Add(hostile)
	f.Add("\xff\xfe")
	f.Add("wlan0 – Büro 'a' & \"b\"\u200f")
	f.Fuzz(func(t *testing.T, name string) {
		p := reported()
		p.Files = []string{name}
		_, content := parsed(t, written(t, p))
		want := strings.Map(func(r rune) rune {
			if r == '\n' || r == '\t' || unicode.IsPrint(r) || r == '\u00a0' || r == '\u202f' || r == '\u2009' {
				return r
			}
			return unicode.ReplacementChar
		}, name)
		if got := content["bdi"]; got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	})
}

// BenchmarkWrite writes the page of 1,000 connections with charts of 200 buckets.
func BenchmarkWrite(b *testing.B) {
	p := reported(many(1000)...)
	for b.Loop() {
		if err := page.Write(io.Discard, p); err != nil {
			b.Fatal(err)
		}
	}
}
