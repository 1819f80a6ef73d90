package ipmptcp_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// row is a command line of testdata/commands.txt.
type row struct {
	state     string // what there is before
	since     string // the first iproute2 that can judge it, "" for any
	usage     bool   // the words on standard error are our own
	elsewhere bool   // to be called in another namespace
	args      []string
	recorded  *result // from iproute2 7.3, where since is set
}

const commandsFile = "testdata/commands.txt"

// readRows reads the table: sections of a [state], a line for each command, with
// words in front that say how to judge it, and what was recorded in lines that
// begin with a tab.
func readRows(t *testing.T) (rows []row) {
	t.Helper()
	text, err := os.ReadFile(commandsFile)
	must(t, err)
	state := ""
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			state = strings.Trim(line, "[]")
		case line[0] == '\t':
			rows[len(rows)-1].recorded = readRecord(t, line)
		default:
			rows = append(rows, readRow(state, line))
		}
	}
	return rows
}

func readRow(state, line string) row {
	r := row{state: state}
	for word := range strings.FieldsSeq(line) {
		version, isSince := strings.CutPrefix(word, "since=")
		switch {
		case isSince:
			r.since = version
		case word == "usage:":
			r.usage = true
		case word == "elsewhere:":
			r.elsewhere = true
		default:
			r.args = append(r.args, strings.ReplaceAll(strings.Trim(word, "'"), "~", " "))
		}
	}
	return r
}

func readRecord(t *testing.T, line string) *result {
	t.Helper()
	var r result
	_, err := fmt.Sscanf(line, "\t%d %q %q", &r.code, &r.out, &r.err)
	must(t, err)
	return &r
}

func (r result) record() string { return fmt.Sprintf("\t%d %q %q\n", r.code, r.out, r.err) }

// version is that of the installed iproute2, as two numbers.
func version(t *testing.T, text string) (v [2]int) {
	t.Helper()
	for i, number := range strings.SplitN(text, ".", 3)[:2] {
		var err error
		v[i], err = strconv.Atoi(strings.TrimRight(number, "-abcdefghijklmnopqrstuvwxyz"))
		must(t, err)
	}
	return v
}

func isBefore(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
