package page_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"allroads/internal/page"
	"allroads/trace"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func drawn(t testing.TB, c *trace.Connection, name string, size page.Size) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := page.Graph(&out, c, name, size); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGraphGolden holds each graph of a small connection to a drawing that a person
// has looked at.
func TestGraphGolden(t *testing.T) {
	c := sample()
	for _, name := range page.Graphs() {
		path := filepath.Join("testdata", name+".svg")
		got := drawn(t, &c, name, page.Size{})
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-update writes it):\n%s", name, diff)
		}
	}
}

// badNumber is what a drawing must not have.
var badNumber = regexp.MustCompile(`NaN|Inf|%!|e\+`)

// TestGraphXML reads graphs of all forms as strict XML that refers to nothing.
func TestGraphXML(t *testing.T) {
	eachForm(t, func(t *testing.T, c *trace.Connection) {
		for _, name := range page.Graphs() {
			for _, size := range []page.Size{{}, {Width: 320, Height: 200}, {Width: 2000, Height: 1500}} {
				if c.ChartWidth == 0 && name != "ladder" && c.ToServer.Sent > 0 {
					continue
				}
				checkXML(t, drawn(t, c, name, size))
			}
		}
	})
}

func checkXML(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			if badNumber.MatchString(a.Value) && a.Name.Local != "data-label" {
				t.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
			}
			if strings.Contains(a.Value, "http") && a.Name.Local != "xmlns" || a.Name.Local == "href" {
				t.Errorf("refers to %s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

// TestGraphHostile: names in a capture are text, whatever they are.
func TestGraphHostile(t *testing.T) {
	p := poisoned()
	for _, name := range page.Graphs() {
		svg := drawn(t, &p.Connections[0], name, page.Size{})
		checkXML(t, svg)
		if bytes.Contains(svg, []byte("<img")) || bytes.Contains(svg, []byte("<svg onload")) {
			t.Errorf("%s has an element of the name", name)
		}
	}
}

// TestGraphErrors: what is not a graph, or cannot be drawn, is said.
func TestGraphErrors(t *testing.T) {
	c := sample()
	err := page.Graph(io.Discard, &c, "pie", page.Size{})
	if err == nil || !strings.Contains(err.Error(), "sequence, rate, rtt, reinjections, ladder") {
		t.Errorf("unknown name: %v", err)
	}
	c.ChartWidth = 0
	for i := range c.Subflows {
		c.Subflows[i].ToServer.Chart, c.Subflows[i].ToClient.Chart = nil, nil
	}
	if err := page.Graph(io.Discard, &c, "rate", page.Size{}); err == nil || !strings.Contains(err.Error(), "without charts") {
		t.Errorf("no charts: %v", err)
	}
	if err := page.Graph(io.Discard, &c, "ladder", page.Size{}); err != nil {
		t.Errorf("a ladder needs no charts: %v", err)
	}
	if err := page.Write(io.Discard, &page.Page{}); err == nil {
		t.Error("a page without a report")
	}
}

// TestDirections: a direction is drawn when it had data, both when both had.
func TestDirections(t *testing.T) {
	c := sample()
	both := string(drawn(t, &c, "sequence", page.Size{}))
	for _, want := range []string{">to the server</text>", ">to the client</text>"} {
		if !strings.Contains(both, want) {
			t.Errorf("no %s", want)
		}
	}
	c.ToClient, c.Subflows[0].ToClient = trace.Stream{}, trace.Carried{}
	if strings.Contains(string(drawn(t, &c, "sequence", page.Size{})), "to the client") {
		t.Error("the direction without data is drawn")
	}
}
