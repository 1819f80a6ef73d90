package summary_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"allroads/internal/summary"
)

// TestSubjectsAreDocumented: the tables of the documentation are those of the code,
// row by row.
func TestSubjectsAreDocumented(t *testing.T) {
	var want, short []string
	for _, s := range summary.Subjects() {
		want = append(want, subjectRow(s))
	}
	for _, s := range summary.Shorthands() {
		short = append(short, shorthandRow(s))
	}
	sameRows(t, "expectations.md", "| subject | of |", want)
	sameRows(t, "expectations.md", "| word |", short)
}

func subjectRow(s summary.Subject) string {
	holds := "the sum"
	if s.Every {
		holds = "each"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s |", s.Name, s.Of, s.Unit, holds, s.Text)
}

func shorthandRow(s summary.Shorthand) string { return fmt.Sprintf("| `%s` | `%s` |", s.Word, s.For) }

func columnRow(c summary.Column) string { return fmt.Sprintf("| `%s` | %s |", c.Name, c.Text) }

func TestColumnsAreDocumented(t *testing.T) {
	var want []string
	for _, c := range summary.Columns() {
		want = append(want, columnRow(c))
	}
	sameRows(t, "analyze-csv.md", "| column |", want)
}

// sameRows compares the rows of the table whose heading begins like that.
func sameRows(t *testing.T, page, heading string, want []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n"+heading)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if !found || len(rows) < 3 {
		t.Fatalf("%s has no table that begins with %q", page, heading)
	}
	rows = rows[2:]
	for _, row := range want {
		if !slices.Contains(rows, row) {
			t.Errorf("%s lacks %s", page, row)
		}
	}
	for _, row := range rows {
		if !slices.Contains(want, row) {
			t.Errorf("%s has what is not in the code: %s", page, row)
		}
	}
	if !t.Failed() && !slices.Equal(rows, want) {
		t.Errorf("%s has the rows in another order", page)
	}
}
