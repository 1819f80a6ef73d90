package sketch

// form is how much of a link's labels stands in one line of text.
type form int

const (
	wideForm   form = iota // an end is one line: red-client 10.0.0.2/24
	tallForm               // an end is one line for its interface and for each address
	narrowForm             // as tall, and both ends and the notes below each other
)

// caption is what stands on a link's line, and below it.
type caption struct {
	line  string
	lines []captionLine
}

type captionLine struct{ left, middle, right string }

// captionGap is the room around and between what stands in a line below a link.
const captionGap = 2

// caption is the caption of a link that goes from left to right.
func (f form) caption(e Edge, start, end Port) caption {
	switch left, right := portLines(start), portLines(end); f {
	case wideForm:
		return caption{title(e), besides([]string{onLine(start, false)}, []string{onLine(end, true)})}
	case tallForm:
		return caption{title(e), besides(left, right)}
	default:
		c := caption{line: e.Name}
		for _, note := range e.Notes {
			c.lines = append(c.lines, captionLine{middle: note})
		}
		c.lines = append(c.lines, besides(left, nil)...)
		c.lines = append(c.lines, besides(nil, right)...)
		return c
	}
}

// onLine is a port in one line, the interface next to its node.
func onLine(p Port, mirrored bool) string {
	text := ""
	for i, address := range p.Addresses {
		if i > 0 {
			text += ", "
		}
		text += address
	}
	switch {
	case p.Interface == "" || text == "":
		return p.Interface + text
	case mirrored:
		return text + " " + p.Interface
	}
	return p.Interface + " " + text
}

func portLines(p Port) (lines []string) {
	if p.Interface != "" {
		lines = append(lines, p.Interface)
	}
	return append(lines, p.Addresses...)
}

// besides pairs the lines of the two ends.
func besides(left, right []string) (lines []captionLine) {
	for i := range max(len(left), len(right)) {
		var line captionLine
		if i < len(left) {
			line.left = left[i]
		}
		if i < len(right) {
			line.right = right[i]
		}
		if line != (captionLine{}) {
			lines = append(lines, line)
		}
	}
	return lines
}

// width is the least number of columns between the two boxes.
func (c caption) width() int {
	n := columns(c.line) + 2*captionGap + 4 // some of the line on both sides
	for _, line := range c.lines {
		parts, sum := 0, captionGap
		for _, s := range []string{line.left, line.middle, line.right} {
			if s != "" {
				parts, sum = parts+1, sum+columns(s)
			}
		}
		n = max(n, sum+captionGap*max(0, parts-1))
	}
	return n
}
