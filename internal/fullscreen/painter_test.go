package fullscreen

import (
	"strings"
	"testing"
)

func TestPaintLittle(t *testing.T) {
	var p painter
	grid := NewGrid(80, 24)
	grid.Put(0, 0, Bold, strings.Repeat("x", 80))
	if text := string(p.paint(grid)); strings.Count(text, "x") != 80 || strings.Count(text, "\x1b[0;1m") != 1 {
		t.Errorf("first: %q", text)
	}
	if text := p.paint(grid); len(text) != 0 {
		t.Errorf("nothing new: %q", text)
	}
	grid.Put(10, 5, 0, "y")
	if text := string(p.paint(grid)); text != "\x1b[6;11Hy" {
		t.Errorf("one cell: %q", text)
	}
	grid.Clear()
	p.shown = nil
	if text := string(p.paint(grid)); text != "\x1b[0m\x1b[2J" {
		t.Errorf("blank: %q", text)
	}
}

func TestPaintPlain(t *testing.T) {
	p := painter{ascii: true, colorless: true}
	grid := NewGrid(40, 2)
	grid.Put(0, 0, Red|Reverse, "↑━⣿█é")
	text := string(p.paint(grid))
	if !strings.Contains(text, "\x1b[0;7m^=##?") {
		t.Errorf("%q", text)
	}
}

// TestPaintControls: nothing that is drawn can control the terminal.
func TestPaintControls(t *testing.T) {
	for r := range rune(0x3000) {
		grid := NewGrid(1, 1)
		grid.Put(0, 0, 0, string(r))
		if r == ' ' || r == 0x2800 { // blank either way
			continue
		}
		var p painter
		text := strings.TrimPrefix(string(p.paint(grid)), "\x1b[0m\x1b[2J\x1b[1;1H")
		if text != string(r) && text != "?" || r < ' ' && text != "?" || r >= 0x7f && r < 0xa0 && text != "?" {
			t.Errorf("%U is drawn as %q", r, text)
		}
		p.ascii, p.shown = true, nil
		for _, b := range strings.TrimPrefix(string(p.paint(grid)), "\x1b[0m\x1b[2J\x1b[1;1H") {
			if b < ' ' || b > '~' {
				t.Errorf("%U in ASCII is %q", r, b)
			}
		}
	}
}

func TestGrid(t *testing.T) {
	grid := NewGrid(5, 2)
	if at := grid.Put(3, 0, 0, "abc"); at != 6 {
		t.Errorf("the column behind is %d", at)
	}
	grid.Put(-1, 1, 0, "xyz")
	grid.Put(0, 2, 0, "below")
	grid.Put(0, -1, 0, "above")
	grid.Restyle(-5, 1, 100, Reverse)
	grid.Restyle(0, 7, 1, Reverse)
	if got := grid.String(); got != "   ab\nyz\n" {
		t.Errorf("%q", got)
	}
	if NewGrid(-1, 3).String() != "\n\n\n"[:0] && NewGrid(0, 0).String() != "" {
		t.Error("a grid of nothing")
	}
}

func TestLocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang, term string
		want                   bool
	}{
		{"", "", "", "xterm", false},
		{"", "", "en_US.UTF-8", "xterm", true},
		{"", "", "C.utf8", "xterm", true},
		{"C", "", "en_US.UTF-8", "xterm", false},
		{"", "de_DE.ISO-8859-1", "en_US.UTF-8", "xterm", false},
		{"", "C.UTF-8", "C", "xterm", true},
		{"", "C.UTF-8", "C", "linux", false},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_CTYPE", c.ctype)
		t.Setenv("LANG", c.lang)
		t.Setenv("TERM", c.term)
		if got := Unicode(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func BenchmarkPaint(b *testing.B) {
	var p painter
	grids := [2]*Grid{NewGrid(80, 24), NewGrid(80, 24)}
	for y := range 24 {
		grids[0].Put(0, y, Green, strings.Repeat("0123456789", 8))
		grids[1].Put(0, y, Green, strings.Repeat("01234x6789", 8))
	}
	b.ReportAllocs()
	written := 0
	for i := 0; b.Loop(); i++ {
		written = len(p.paint(grids[i%2]))
	}
	b.ReportMetric(float64(written), "written-bytes")
}
