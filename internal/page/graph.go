package page

import (
	"fmt"
	"io"
	"strings"

	"allroads/trace"
)

// graph is a kind of drawing over time.
type graph struct {
	name, title, about, unit string
	panel                    func(*trace.Connection, *direction) panel
}

var graphs = [...]graph{
	{"sequence", "Data over time", "which part of the data each subflow carried, and when", "B", sequence},
	{"rate", "Rate", "new data that each subflow carried in a second", "bit/s", rate},
	{"rtt", "Round trip", "time from a segment to the answer to all of it", "ns", rtt},
	{"reinjections", "Sent again", "payload that had been seen before, by TCP's numbers or the stream's", "B", reinjections},
}

// ladderName is the graph that is not over time.
const ladderName = "ladder"

// Graphs returns the names that Graph knows: sequence, the place in the stream of
// what each subflow carried over time; rate, rtt and reinjections of each subflow over
// time; ladder, the handshakes and what else happened between the two ends.
func Graphs() []string {
	var names []string
	for i := range graphs {
		names = append(names, graphs[i].name)
	}
	return append(names, ladderName)
}

// Size is that of a drawing in pixels. A zero is as much as it takes; at least
// 320 by 200, which smaller ones become.
type Size struct{ Width, Height int }

const (
	usualWidth  = 960
	panelHeight = 260 // of the plot of one direction
)

// Graph draws one graph of a connection as an SVG 1.1 document that refers to nothing
// outside itself, with colours for light and for dark. For graphs over time the
// connection needs charts (trace.Options). A direction is shown when it had data.
func Graph(w io.Writer, c *trace.Connection, name string, size Size) error {
	var out pen
	switch i := graphIndex(name); {
	case name == ladderName:
		sheet := newSheet(c, size)
		sheet.ladder(&out)
	case i < 0:
		return fmt.Errorf("draw graph %q: no graph has that name: use one of %s", name, strings.Join(Graphs(), ", "))
	case c.ChartWidth == 0 && columns(c) == 0 && hasData(c):
		return fmt.Errorf("draw graph %q of connection %d: it was analyzed without charts", name, c.ID)
	default:
		sheet := newSheet(c, size)
		sheet.overTime(&out, &graphs[i])
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write graph %q: %w", name, err)
	}
	return nil
}

func graphIndex(name string) int {
	for i := range graphs {
		if graphs[i].name == name {
			return i
		}
	}
	return -1
}

func hasData(c *trace.Connection) bool { return c.ToServer.Sent > 0 || c.ToClient.Sent > 0 }
