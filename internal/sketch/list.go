package sketch

import (
	"strings"
)

// list says everything that is known of the network, node by node.
func (n *network) list(width int, unicode bool) string {
	var b strings.Builder
	for i, node := range n.nodes {
		if i > 0 {
			b.WriteByte('\n')
		}
		wrap(&b, width, "", words(node.Name, "("+node.Kind.String()+")"))
		n.listLinks(&b, i, width, unicode)
	}
	return b.String()
}

// entry is one line of a node's list: its own end of a link, and the rest.
type entry struct{ near, far []string }

func (n *network) listLinks(b *strings.Builder, node, width int, unicode bool) {
	var entries []entry
	for i, l := range n.at[node] {
		edge := &n.links[l]
		near, far := edge.A, edge.B
		turned := edge.a == edge.b && i > 0 && n.at[node][i-1] == l
		if edge.a != node || turned {
			near, far = far, near
		}
		entries = append(entries, entry{
			words(append([]string{near.Interface}, near.Addresses...)...),
			farWords(edge.Edge, far, width, unicode),
		})
	}
	if len(entries) == 0 {
		b.WriteString("  no links\n")
	}
	writeEntries(b, entries, width)
}

// farWords are the words for a link and its far end.
func farWords(e Edge, far Port, width int, unicode bool) []string {
	line, arrow := "--", "-->"
	if unicode {
		line, arrow = "──", "──>"
	}
	to := words(far.Node)
	if far.Interface != "" {
		to = words(far.Node + ":" + far.Interface)
		if width > 0 && columns(far.Node+far.Interface) >= width-listIndent {
			to = words(far.Node+":", far.Interface)
		}
	}
	list := append([]string{line}, words(title(e))...)
	list = append(append(list, arrow), to...)
	return append(list, words(far.Addresses...)...)
}

// title is the name of a link and its notes.
func title(e Edge) string {
	notes := strings.Join(e.Notes, ", ")
	switch {
	case notes == "":
		return e.Name
	case e.Name == "":
		return "(" + notes + ")"
	}
	return e.Name + " (" + notes + ")"
}

// writeEntries writes one line for each entry, in two columns, if all fit, else
// two or more for each.
func writeEntries(b *strings.Builder, entries []entry, width int) {
	column, far := 0, 0
	for _, e := range entries {
		column = max(column, columns(strings.Join(e.near, " ")))
		far = max(far, columns(strings.Join(e.far, " ")))
	}
	if column > 0 {
		column++
	}
	fits := width == 0 || 2+column+far <= width
	for _, e := range entries {
		near := strings.Join(e.near, " ")
		switch {
		case fits:
			b.WriteString("  " + near + strings.Repeat(" ", column-columns(near)) + strings.Join(e.far, " ") + "\n")
		case near == "":
			wrap(b, width, "  ", e.far)
		default:
			wrap(b, width, "  ", e.near)
			wrap(b, width, "    ", e.far)
		}
	}
}

// listIndent is the widest space before a line.
const listIndent = 8

// words are the words of several texts.
func words(texts ...string) []string {
	return strings.Fields(strings.Join(texts, " "))
}

// wrap writes words in lines of at most width columns, 0 for no limit. Further
// lines are indented by four columns more. A word is never broken: an address cut
// in two is none.
func wrap(b *strings.Builder, width int, indent string, words []string) {
	at := 0
	for i, word := range words {
		switch n := columns(word); {
		case i == 0:
			b.WriteString(indent + word)
			at = len(indent) + n
		case width > 0 && at+1+n > width:
			b.WriteString("\n" + indent + "    " + word)
			at = len(indent) + 4 + n
		default:
			b.WriteString(" " + word)
			at += 1 + n
		}
	}
	b.WriteByte('\n')
}
