package summary

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"allroads/internal/sketch"
)

// page is text being written, broken into lines that fit.
type page struct {
	Options
	out *bufio.Writer // keeps the first error
}

func newPage(w io.Writer, o Options) *page { return &page{o, bufio.NewWriter(w)} }

// end writes what is left, and returns the first error.
func (p *page) end() error {
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

func (p *page) line(text string) {
	p.out.WriteString(strings.TrimRight(text, " "))
	p.out.WriteByte('\n')
}

func (p *page) blank() { p.line("") }

func (p *page) heading(text string) { p.line(p.paint(bold, text)) }

// wrapped writes a text behind a first part, going on in lines with an indent where
// one would be too long.
func (p *page) wrapped(indent int, first, text string) {
	line, used := first, sketch.Visible(first)
	for _, word := range strings.Fields(text) {
		gap := 0
		if used > 0 && !strings.HasSuffix(line, " ") {
			gap = 1
		}
		if p.Width > 0 && used+gap+sketch.Visible(word) > p.Width && used > indent {
			p.line(line)
			line, used, gap = strings.Repeat(" ", indent), indent, 0
		}
		line += strings.Repeat(" ", gap) + word
		used += gap + sketch.Visible(word)
	}
	p.line(line)
}

// labelWidth is where the texts of fields begin, behind the indent.
const labelWidth = 13

// field writes a label and a text.
func (p *page) field(indent int, label, text string) {
	pad := strings.Repeat(" ", max(labelWidth-sketch.Visible(label), 1))
	p.wrapped(indent+labelWidth, strings.Repeat(" ", indent)+label+pad, text)
}
