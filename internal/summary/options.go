package summary

// Options say what text looks like. The zero value is plain ASCII without a limit
// to its width, as for a pipe.
type Options struct {
	Color   bool // of a terminal (ECMA-48, SGR)
	Width   int  // columns that lines are broken at, where there is a space; 0: never; below 80 it gets crowded
	Unicode bool // arrows beside ASCII
	Max     int  // connections listed at most, 0: 10
}

// defaultMax is what leaves room for the rest on one screen of 24 lines.
const defaultMax = 10

// Colours of the terminal.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (o Options) paint(color, text string) string {
	if !o.Color || color == "" || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (o Options) arrow() string {
	if o.Unicode {
		return "→"
	}
	return "->"
}
