package watch

import (
	"fmt"
	"strconv"
	"strings"
)

// Text is the report for people, a few lines in two columns, without any for what there
// was none of. With an indent of two they fit 80 columns.
func (c Connections) Text() []string {
	var lines []string
	if line := c.connected(); line != "" {
		lines = append(lines, wrap("connections", line)...)
	}
	if line := c.accepted(); line != "" {
		lines = append(lines, wrap("accepted", line)...)
	}
	for _, u := range c.Unknown {
		lines = append(lines, wrap("not known", fmt.Sprintf("%d %s", u.Count, u.Reason))...)
	}
	return lines
}

func (c Connections) connected() string {
	var parts []string
	if c.MPTCP > 0 {
		parts = append(parts, multipath(c.MPTCP, c.Subflows))
	}
	for _, cause := range c.Causes {
		parts = append(parts, fmt.Sprintf("%d fell back to TCP (%s)", cause.Count, cause.Cause))
	}
	if c.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d not made", c.Failed))
	}
	if c.Unconnected > 0 {
		parts = append(parts, fmt.Sprintf("%d not connected so far", c.Unconnected))
	}
	return strings.Join(parts, ", ")
}

func (c Connections) accepted() string {
	if c.Listening == 0 {
		return ""
	}
	var parts []string
	if c.Accepted.MPTCP > 0 {
		parts = append(parts, multipath(c.Accepted.MPTCP, c.Accepted.Subflows))
	}
	if c.Accepted.FallenBack > 0 {
		parts = append(parts, fmt.Sprintf("%d fell back to TCP", c.Accepted.FallenBack))
	}
	if c.Accepted.TCP > 0 {
		parts = append(parts, fmt.Sprintf("%d TCP", c.Accepted.TCP))
	}
	if len(parts) == 0 {
		parts = append(parts, "none seen")
	}
	listeners := "1 listener"
	if c.Listening > 1 {
		listeners = strconv.Itoa(c.Listening) + " listeners"
	}
	return strings.Join(parts, ", ") + ", by " + listeners
}

// multipath says "3 MPTCP (2 with 2 subflows, 1 with 1)".
func multipath(n int, subflows []Subflows) string {
	if n == 1 {
		return "1 MPTCP with " + withSubflows(subflows[0].Subflows)
	}
	parts := make([]string, len(subflows))
	for i, s := range subflows {
		parts[i] = fmt.Sprintf("%d with %d", s.Connections, s.Subflows)
		if i == 0 {
			parts[i] = fmt.Sprintf("%d with %s", s.Connections, withSubflows(s.Subflows))
		}
	}
	return fmt.Sprintf("%d MPTCP (%s)", n, strings.Join(parts, ", "))
}

func withSubflows(n int) string {
	if n == 1 {
		return "1 subflow"
	}
	return strconv.Itoa(n) + " subflows"
}

const (
	width  = 77 // of a line, at most
	column = 13 // where the text begins
)

// wrap breaks a text at spaces into lines, the first of which begins with a name.
func wrap(name, text string) (lines []string) {
	for len(text) > width-column {
		at := strings.LastIndexByte(text[:width-column+1], ' ')
		if at <= 0 {
			break
		}
		lines = append(lines, fmt.Sprintf("%-*s%s", column, name, text[:at]))
		name, text = "", text[at+1:]
	}
	return append(lines, fmt.Sprintf("%-*s%s", column, name, text))
}
