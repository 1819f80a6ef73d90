package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"allroads/internal/sketch"
	"allroads/internal/supervisor"
	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLabShow() *cobra.Command {
	var asJSON bool
	var svg string
	command := &cobra.Command{
		Use:   "show LAB",
		Short: "show a lab that is up: its hosts, links, addresses, endpoints, processes",
		Long: `show draws a lab that is up, and lists its hosts and links, as the kernel says that
they are now.`,
		Args: arguments("LAB"),
		RunE: func(c *cobra.Command, args []string) error {
			return showLab(c.Context(), args[0], asJSON, svg)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	command.Flags().StringVar(&svg, "svg", "", "write a drawing to `FILE`, - for standard output, and print nothing else")
	return command
}

// shownLab is what show prints in JSON.
type shownLab struct {
	*lab.State
	Supervisor *supervisor.About `json:"supervisor"`
}

func showLab(ctx context.Context, name string, asJSON bool, svg string) error {
	about, state, err := supervisor.State(ctx, name)
	if err != nil {
		return err
	}
	out := newScreen(os.Stdout)
	switch {
	case svg == "-":
		out.printf("%s", drawing(state).SVG())
	case svg != "":
		if err := os.WriteFile(svg, drawing(state).SVG(), 0o666); err != nil {
			return fmt.Errorf("write drawing: %w", err)
		}
	case asJSON:
		out.json(shownLab{state, about})
	default:
		labView{out}.show(about, state)
	}
	return out.failed()
}

// drawing is the lab as a picture of hosts and links.
func drawing(s *lab.State) *sketch.Graph {
	kinds := map[string]sketch.Kind{"router": sketch.Router, "switch": sketch.Switch}
	g := &sketch.Graph{Name: s.Name}
	for _, h := range s.Hosts {
		kind := kinds[h.Kind]
		if h.Hits != nil {
			kind = sketch.Middlebox
		}
		g.Nodes = append(g.Nodes, sketch.Node{Name: h.Name, Kind: kind})
	}
	for _, l := range s.Links {
		edge := sketch.Edge{Name: l.Name, Down: !l.Ends[0].Up || !l.Ends[1].Up, Notes: notes(&l)}
		for i, port := range []*sketch.Port{&edge.A, &edge.B} {
			*port = sketch.Port{Node: l.Ends[i].Host, Interface: l.Ends[i].Interface}
			for _, a := range l.Ends[i].Addresses {
				port.Addresses = append(port.Addresses, a.String())
			}
		}
		g.Edges = append(g.Edges, edge)
	}
	return g
}

// notes are what a link does, in both directions or in each.
func notes(l *lab.LinkState) []string {
	a, b := l.Ends[0].Impairment.Words(), l.Ends[1].Impairment.Words()
	words := a
	if strings.Join(a, " ") != strings.Join(b, " ") {
		words = []string{"from " + l.Ends[0].Host + ": " + orNothing(a), "from " + l.Ends[1].Host + ": " + orNothing(b)}
	}
	if l.Hits != nil {
		words = append(words, "middlebox")
	}
	return words
}

func orNothing(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " ")
}

// pageWidth is how wide a drawing may be that is not for a terminal.
const pageWidth = 80

// labView renders a lab as text.
type labView struct{ *screen }

func (v labView) show(about *supervisor.About, s *lab.State) {
	up := time.Since(time.Unix(0, about.Since)).Round(time.Second)
	v.printf("%s, up for %s, pid %d", v.paint(bold, "lab "+s.Name), up, about.Pid)
	if about.File != "" {
		v.printf(", from %s", about.File)
	}
	graph := drawing(s)
	graph.Name = "" // It is in the first line.
	v.printf("\n\n%s\n", strings.TrimRight(graph.Text(cmp.Or(v.width, pageWidth), v.terminal()), "\n"))
	v.hosts(s)
	v.links(s)
	v.processes(about, s)
}

func (v labView) hosts(s *lab.State) {
	rows := [][]string{{"HOST", "KIND", "SUBFLOWS", "ADD_ADDR", "ENDPOINTS"}}
	for _, h := range s.Hosts {
		kind := h.Kind
		if h.Hits != nil {
			kind += fmt.Sprintf(", middlebox: %d packets", *h.Hits)
		}
		row := []string{h.Name, kind, "-", "-", "-"}
		if h.Limits != nil {
			row[2], row[3] = fmt.Sprint(h.Limits.Subflows), fmt.Sprint(h.Limits.AddAddrAccepted)
		}
		for i, e := range h.Endpoints {
			if i > 0 {
				rows, row = append(rows, row), []string{"", "", "", "", ""}
			}
			row[4] = e.String()
		}
		rows = append(rows, row)
	}
	v.printf("\n")
	v.table(rows)
}

func (v labView) links(s *lab.State) {
	if len(s.Links) == 0 {
		return
	}
	rows := [][]string{{"LINK", "FROM", "INTERFACE", "STATE", "MTU", "ADDRESSES", "SENDS"}}
	for _, l := range s.Links {
		name := l.Name
		for _, e := range l.Ends {
			var addresses []string
			for _, a := range e.Addresses {
				addresses = append(addresses, a.String())
			}
			state := map[bool]string{true: "up", false: "down"}[e.Up]
			rows = append(rows, []string{name, e.Host, e.Interface, state, strconv.Itoa(e.MTU),
				orDash(strings.Join(addresses, " ")), orDash(strings.Join(e.Words(), " "))})
			name = ""
		}
		if l.Hits != nil {
			rows = append(rows, []string{"", "", "", "", "", "", fmt.Sprintf("middlebox: %d packets", *l.Hits)})
		}
	}
	v.printf("\n")
	v.table(rows)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (v labView) processes(about *supervisor.About, s *lab.State) {
	rows := [][]string{{"PID", "HOST", "COMMAND"}}
	for _, h := range s.Hosts {
		for _, p := range h.Processes {
			what := p.Name
			if p.Ended != "" {
				what += " (ended: " + p.Ended + ")"
			}
			rows = append(rows, []string{strconv.Itoa(p.Pid), h.Name, what})
		}
	}
	for _, session := range about.Sessions {
		rows = append(rows, []string{strconv.Itoa(session.Pid), session.Host, strings.Join(session.Command, " ")})
	}
	if len(rows) > 1 {
		v.printf("\n")
		v.table(rows)
	}
}
