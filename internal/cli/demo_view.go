package cli

import (
	"fmt"
	"strings"

	"allroads/internal/demo"
	"allroads/trace"
)

// demoView renders a demo: what is done while it is done, then what came of it.
type demoView struct {
	out, messages *screen
	progressing   bool
}

func (v *demoView) begin() {
	v.out.printf("%s\n\n", v.out.paint(bold, "Building two hosts, client and server, joined by two paths, red and blue."))
	v.out.printf("Each step, with the shell command that would do the same:\n")
}

func (v *demoView) step(command string) {
	v.out.printf("  %s %s\n", v.out.paint(dim, "$"), command)
}

// progress is for people only: a line on a terminal that is written over.
func (v *demoView) progress(p demo.Progress) {
	if !v.messages.terminal() {
		return
	}
	v.progressing = true
	left := max(p.Total-p.Elapsed, 0)
	text := fmt.Sprintf("%5.1f Mbit/s, %4.1f s left", p.Goodput/1e6, left.Seconds())
	// The bar takes what is left of the line.
	if width := min(v.messages.width-len(text)-6, 40); width > 0 {
		filled := min(int(float64(width)*p.Elapsed.Seconds()/p.Total.Seconds()), width)
		text = fmt.Sprintf("[%s%s] %s", strings.Repeat("#", filled), strings.Repeat(".", width-filled), text)
	}
	v.messages.printf("\r  %s%s", text, eraseRest)
}

// eraseRest clears a terminal's line behind the cursor (ECMA-48, EL).
const eraseRest = "\x1b[K"

func (v *demoView) endProgress() {
	if v.progressing {
		v.messages.printf("\r%s", eraseRest)
	}
}

func (v *demoView) heading(text string) {
	v.out.printf("\n%s\n", v.out.paint(bold, text))
}

// pathColor paints the demo's paths in the colours that they are called.
func pathColor(path string) string {
	return map[string]string{"red": red, "blue": blue}[path]
}

func (v *demoView) path(name string) string {
	return v.out.paint(pathColor(name), fmt.Sprintf("%-4s", name))
}

func (v *demoView) packets(r *demo.Result) {
	v.heading(fmt.Sprintf("The packets, as captured at the client (%d):", uint64(len(r.Packets))+r.PacketsHidden))
	var number uint64
	width := flowWidth(r.Packets)
	for i := range r.Packets {
		p := &r.Packets[i]
		if p.Number != number+1 {
			v.out.printf("  ... %d packets not shown\n", p.Number-number-1)
		}
		number = p.Number
		v.packet(p, width)
	}
}

func flow(p *demo.Packet) string { return p.Src.String() + " > " + p.Dst.String() }

// flowWidth is the width of the column that holds both addresses.
func flowWidth(packets []demo.Packet) (width int) {
	for i := range packets {
		width = max(width, len(flow(&packets[i])))
	}
	return width
}

func (v *demoView) packet(p *demo.Packet, width int) {
	first := fmt.Sprintf("%4d %9.6f %s %-*s %-2s %5d", p.Number, float64(p.Time)/1e9,
		v.path(p.Path), width, flow(p), p.Flags, p.Length)
	var words []string
	for i, option := range p.Options {
		if i > 0 {
			words = append(words, "+")
		}
		words = append(words, strings.Fields(option.Text)...)
	}
	const indent = 20 // where the addresses begin
	if !v.out.fits(first, words) {
		v.out.printf("%s\n", first)
		first = strings.Repeat(" ", indent-1)
	}
	v.out.wrapped(indent, first, words)
}

func (v *demoView) connections(r *demo.Result) {
	v.heading("What the packets say:")
	for i := range r.Report.Connections {
		v.connection(&r.Report.Connections[i])
	}
}

func (v *demoView) connection(c *trace.Connection) {
	v.out.printf("  connection %d, MPTCP %s: %d bytes to the server, %d to the client\n",
		c.ID, c.Version, c.ToServer.Bytes, c.ToClient.Bytes)
	for _, key := range c.Keys {
		v.out.printf("    %s key 0x%v, token 0x%v, IDSN %d\n", key.Side, key.Key, key.Token, key.IDSN)
	}
	v.checks("    ", c.Checks)
	for i := range c.Subflows {
		v.subflow(&c.Subflows[i])
	}
}

func (v *demoView) subflow(f *trace.Subflow) {
	v.out.printf("  subflow %d on %s %s > %s, address ids %d and %d\n", f.ID, v.path(f.Path),
		f.Client, f.Server, f.ClientID, f.ServerID)
	v.out.printf("    carried %d bytes to the server and %d to the client\n", f.ToServer.Bytes, f.ToClient.Bytes)
	v.checks("    ", f.Checks)
}

func (v *demoView) checks(indent string, checks []trace.Check) {
	for _, check := range checks {
		status := v.out.paint(map[trace.Status]string{trace.OK: green, trace.Bad: red}[check.Status], string(check.Status))
		first := fmt.Sprintf("%s%s %-18s", indent, status, check.Name)
		v.out.wrapped(len(indent)+3+18+1, first, strings.Fields(check.Detail))
	}
}

func (v *demoView) bulk(r *demo.Result) {
	if r.Bulk == nil {
		return
	}
	v.heading("Goodput, measured from the packets:")
	for _, path := range r.Bulk.Paths {
		v.out.printf("  %s %6.1f Mbit/s, %4.1f %% of its %s\n", v.path(path.Path),
			path.Goodput/1e6, 100*path.Goodput/float64(path.Rate), path.Rate)
	}
	v.out.printf("  both %6.1f Mbit/s, %4.1f %% of the sum, %s\n",
		r.Bulk.Goodput/1e6, 100*r.Bulk.Goodput/float64(r.Bulk.Rate), r.Bulk.Rate)
}

func (v *demoView) kept(r *demo.Result) {
	if r.Kept == nil {
		return
	}
	v.heading("The hosts are still up:")
	for i, enter := range r.Kept.Enter {
		v.out.printf("  enter %-7s %s\n", r.Topology.Hosts[i].Name, enter)
	}
	v.out.printf("  remove them   %s\n", r.Kept.Remove)
}

func (v *demoView) verdict(r *demo.Result) {
	color := red
	if r.Proven {
		color = green
	}
	v.out.printf("%s\n", v.out.paint(color, r.Verdict))
}
