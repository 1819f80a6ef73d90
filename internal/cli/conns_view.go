package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"allroads/internal/live"

	"golang.org/x/term"
)

// connsView renders connections as text: a line each, and an indented one for each
// subflow. Lines are wrapped on a terminal only.
type connsView struct {
	*screen
	owners, spaces, watching bool

	text    strings.Builder // of what is not written yet
	lines   int             // in it
	drawn   int             // lines of the look before that can be drawn over
	looked  bool
	unowned bool // the owner of a connection is not known
}

// maxSorted is how many connections are kept to be sorted.
const maxSorted = 1000

// stream prints connections while they are read.
func (v *connsView) stream(ctx context.Context, w *live.Watcher) error {
	count := 0
	for c, err := range w.Ordered(ctx, maxSorted) {
		if err != nil {
			v.flush(0)
			return err
		}
		count++
		v.connection(c)
		v.flush(textRoom)
		if v.err != nil {
			break
		}
	}
	v.flush(0)
	v.tellRest(count, w.Hidden())
	return v.failed()
}

// tellRest says on a terminal why a list may be empty, or owners be unknown.
func (v *connsView) tellRest(count, hidden int) {
	if count == 0 && v.terminal() {
		fmt.Fprintln(os.Stderr, "allroads: no MPTCP connections")
	}
	if v.unowned && hidden > 0 {
		fmt.Fprintf(os.Stderr, "allroads: %s may not be looked into, and unknown owners may be among them: run it as root\n",
			plural(hidden, "process"))
	}
}

// textRoom is how much text is collected before it is written.
const textRoom = 32 << 10

func (v *connsView) flush(above int) {
	if v.text.Len() > above {
		v.printf("%s", v.text.String())
		v.text.Reset()
	}
}

// look shows a snapshot: on a terminal in place of the one before, if it fits.
func (v *connsView) look(s *live.Snapshot) error {
	v.lines = 0
	height := 0
	if v.terminal() {
		if width, rows, err := term.GetSize(int(v.file.Fd())); err == nil {
			v.width, height = width, rows
		}
	}
	v.heading(s)
	for i := range s.Connections {
		v.connection(&s.Connections[i])
	}
	text := v.text.String()
	v.text.Reset()
	if v.drawn > 0 {
		text = fmt.Sprintf("\x1b[%dA\r%s%s", v.drawn, eraseBelow, text)
	} else if v.looked {
		text = "\n" + text
	}
	v.printf("%s", text)
	v.drawn, v.looked = 0, true
	if v.lines < height {
		v.drawn = v.lines
	}
	return v.failed()
}

// eraseBelow clears a terminal behind the cursor (ECMA-48, ED).
const eraseBelow = "\x1b[J"

func (v *connsView) heading(s *live.Snapshot) {
	items := []item{{text: s.At.Format("15:04:05.000"), color: bold}, {text: plural(len(s.Connections), "connection")}}
	if s.Since > 0 {
		items = append(items, item{text: fmt.Sprintf("rates of %.1f s", s.Since.Seconds())})
	}
	if v.owners && s.Hidden > 0 {
		items = append(items, item{text: plural(s.Hidden, "process") + " may not be looked into"})
	}
	v.line(0, items)
}

// item is a part of a line that stays whole.
type item struct {
	text, color string
	near        bool // one space before it, not two
}

// line adds a line, wrapped where a terminal's would be too long.
func (v *connsView) line(indent int, items []item) {
	margin := strings.Repeat(" ", indent)
	used := indent
	v.text.WriteString(margin)
	for i, it := range items {
		gap := 2
		if it.near {
			gap = 1
		}
		switch {
		case i == 0:
			gap = 0
		case v.width > 0 && used+gap+len(it.text) > v.width:
			v.text.WriteString("\n" + margin)
			v.lines++
			gap, used = continued, indent
		}
		v.text.WriteString("      "[:gap])
		v.text.WriteString(v.paint(it.color, it.text))
		used += gap + len(it.text)
	}
	v.text.WriteString("\n")
	v.lines++
}

// continued is by how much the rest of a wrapped line is indented more.
const continued = 6
