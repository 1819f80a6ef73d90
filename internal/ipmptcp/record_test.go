package ipmptcp_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

var update = flag.Bool("update", false, "record what an installed iproute2 of 7.3 or later answers")

// TestRecord writes down what ip answers to the rows that older ones cannot
// judge.
func TestRecord(t *testing.T) {
	if !*update {
		for _, r := range readRows(t) {
			if (r.since != "") != (r.recorded != nil) {
				t.Errorf("%q: since and a recorded answer belong together: go test -update", r.args)
			}
		}
		return
	}
	b := newBench(t)
	if isBefore(b.version, [2]int{7, 3}) {
		netnstest.Missing(t, "iproute2 7.3")
	}
	text, err := os.ReadFile(commandsFile)
	must(t, err)
	var lines strings.Builder
	state := ""
	for line := range strings.Lines(string(text)) {
		if line[0] == '\t' {
			continue
		}
		lines.WriteString(line)
		if line[0] == '[' {
			state = strings.Trim(line, "[]\n")
		}
		if r := readRow(state, line); r.since != "" && line[0] != '#' {
			want, _ := b.theirs(t, r)
			lines.WriteString(want.record())
		}
	}
	must(t, os.WriteFile(commandsFile, []byte(lines.String()), 0o644))
}
