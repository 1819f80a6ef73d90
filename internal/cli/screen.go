package cli

import (
	"fmt"
	"os"
	"strings"

	"allroads/internal/sketch"

	"golang.org/x/term"
)

// screen is where text goes: a terminal gets colour and is wrapped to its
// width, anything else gets plain lines.
type screen struct {
	file  *os.File
	width int // columns, 0 when it is not a terminal
	color bool
	err   error // the first one of writing
}

func newScreen(file *os.File) *screen {
	s := &screen{file: file}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.width = width
		s.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return s
}

func (s *screen) terminal() bool { return s.width > 0 }

func (s *screen) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.file, format, args...)
	}
}

// failed is the error of what could not be written, for the end of a command.
func (s *screen) failed() error {
	if s.err != nil {
		return fmt.Errorf("print result: %w", s.err)
	}
	return nil
}

// Colours of the terminal (ECMA-48, SGR).
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	blue  = "34"
)

func (s *screen) paint(color, text string) string {
	if !s.color || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// fits reports whether a line has room for a first part and words behind it.
func (s *screen) fits(first string, words []string) bool {
	return s.width == 0 || sketch.Visible(first)+len(strings.Join(words, " "))+1 <= s.width
}

// wrapped prints words behind a first part, going on in a new line, indented,
// where a terminal's line would be too long. Elsewhere it is one line.
func (s *screen) wrapped(indent int, first string, words []string) {
	used := sketch.Visible(first)
	line := first
	for _, word := range words {
		if s.width > 0 && used+1+len(word) > s.width && used > indent {
			s.printf("%s\n", line)
			line, used = strings.Repeat(" ", indent-1), indent-1
		}
		line += " " + word
		used += 1 + len(word)
	}
	s.printf("%s\n", line)
}
