package sketch_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"allroads/internal/sketch"
)

// widestWord is the number of columns of the widest word in texts.
func widestWord(texts []string) (columns int) {
	for _, s := range texts {
		for word := range strings.FieldsSeq(s) {
			columns = max(columns, sketch.Columns(word))
		}
	}
	return columns
}

// TestTextKeepsWidth: as long as no word is wider than the width less 10 columns.
func TestTextKeepsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		width := rapid.IntRange(max(40, widestWord(texts(g))+10), 160).Draw(t, "width")
		drawn := g.Text(width, rapid.Bool().Draw(t, "unicode"))
		for line := range strings.Lines(drawn) {
			if n := sketch.Columns(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("a line has %d columns, more than %d:\n%s", n, width, drawn)
			}
		}
	})
}

// TestTextSaysAll: every name, interface, address and note, in each form.
func TestTextSaysAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		width := rapid.SampledFrom([]int{0, 40, 80, 120, 200}).Draw(t, "width")
		unicode := rapid.Bool().Draw(t, "unicode")
		drawn := g.Text(width, unicode)
		if drawn != g.Text(width, unicode) {
			t.Fatal("drawn twice, it differs")
		}
		plain := strings.Join(strings.Fields(drawn), " ")
		for _, s := range texts(g) {
			if !strings.Contains(plain, s) {
				t.Fatalf("%q is missing in:\n%s", s, drawn)
			}
		}
		if strings.ContainsAny(drawn, "\x00\x1b\t\u202e") || !strings.HasSuffix(drawn, "\n") {
			t.Fatalf("not lines of printable text: %q", drawn)
		}
		if !unicode && strings.ContainsAny(drawn, "─│┌┐└┘├┤╭═║━") {
			t.Fatalf("not ASCII:\n%s", drawn)
		}
	})
}

// boxes is how often the corner of a box is drawn; a list has none.
func boxes(drawn string) (n int) {
	for _, corner := range []string{"┌", "╭", "╔", "┏"} {
		n += strings.Count(drawn, corner)
	}
	return n
}

// TestTextDraws: what is common, and what needs no crossing, is drawn, not listed.
func TestTextDraws(t *testing.T) {
	for name, width := range map[string]int{
		"one-node": 40, "two-paths": 40, "three-paths": 40, "routers": 60, "tied-routers": 80,
		"chain": 40, "switch": 50, "triangle": 60, "components": 40, "strange": 70,
		"grid": 0, "wheel": 0,
	} {
		g := topologies[name]
		if got := boxes(g.Text(width, true)); got != len(g.Nodes) {
			t.Errorf("%s: %d boxes for %d nodes in %d columns", name, got, len(g.Nodes), width)
		}
	}
}

// TestTextLists: what cannot be drawn becomes a list with both ends of each link.
func TestTextLists(t *testing.T) {
	for name, width := range map[string]int{"mesh": 0, "long-names": 80, "routers": 20} {
		g := topologies[name]
		drawn := g.Text(width, true)
		if boxes(drawn) != 0 {
			t.Errorf("%s is drawn in %d columns:\n%s", name, width, drawn)
		}
		if got := strings.Count(drawn, "──>"); got != 2*len(g.Edges) {
			t.Errorf("%s: %d ends for %d links", name, got, len(g.Edges))
		}
	}
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, "客户端": 6, "한국": 4, "ｆ": 2, "ﾊ": 1, "🚀": 2, "─│": 2,
	} {
		if got := sketch.Columns(s); got != want {
			t.Errorf("%q has %d columns, want %d", s, got, want)
		}
	}
}
