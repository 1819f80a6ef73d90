package cli

import (
	"fmt"
	"strings"

	"allroads/internal/control"
)

// stateColor is that of an address or a path in a state.
func stateColor(state string) string {
	switch state {
	case "ready", "established":
		return green
	case "waiting", "joining":
		return yellow
	case "dropped", "given-up":
		return red
	case "standby":
		return blue
	}
	return ""
}

// addresses prints the table. Where a terminal has no room for the why, it has a line of
// its own.
func (v *statusView) addresses(addresses []control.Address) {
	rows, whys := [][]string{{"STATE", "ADDRESS", "INTERFACE", "ROLE", "ID"}}, []string{"WHY"}
	for _, a := range addresses {
		cells, why := addressRow(a)
		rows, whys = append(rows, cells), append(whys, why)
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	gap, wide := "  ", 2*len(widths)
	for _, width := range widths {
		wide += width
	}
	if v.terminal() && wide > v.width { // the longest addresses and names that there are
		gap = " "
	}
	for i, row := range rows {
		v.addressLine(row, whys[i], widths, gap, i == 0)
	}
}

func (v *statusView) addressLine(row []string, why string, widths []int, gap string, heading bool) {
	var line strings.Builder
	for i, cell := range row {
		fmt.Fprintf(&line, "%s%-*s", gap, widths[i], cell)
	}
	text, color, whyColor := line.String(), stateColor(row[0]), ""
	if heading {
		color, whyColor = bold, bold
	}
	if v.fits(text, []string{" " + why}) {
		v.printf("%s  %s\n", v.paint(color, text), v.paint(whyColor, why))
		return
	}
	v.printf("%s\n", v.paint(color, strings.TrimRight(text, " ")))
	if !heading {
		v.wrapped(9, "       ", strings.Fields(why))
	}
}
