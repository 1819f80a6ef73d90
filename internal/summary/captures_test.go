package summary_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/trace"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const twoPaths = "../../trace/testdata/two-paths.pcapng.gz"

// The captures are of labs, made on Linux 6.18:
//
//	allroads lab run testdata/handover.yaml -w handover.pcapng; gzip -9n handover.pcapng
var captures = map[string][]string{
	"two-paths": {twoPaths},
	"handover":  {"testdata/handover.pcapng.gz"},
	"refused":   {"testdata/refused.pcapng.gz"},
	"fallback":  {"testdata/fallback.pcapng.gz"},
	"backup":    {"testdata/backup.pcapng.gz"},
	"usual":     {"testdata/handover.pcapng.gz", "testdata/backup.pcapng.gz", twoPaths},
	"several":   {"testdata/refused.pcapng.gz", "testdata/fallback.pcapng.gz", twoPaths},
}

// capture is what the files of a capture came to.
type capture struct {
	file   *trace.File
	report *trace.Report
	about  summary.About
}

// read analyzes files, with each connection given to yield.
func read(t testing.TB, files []string, yield func(*trace.Connection)) capture {
	t.Helper()
	file, err := trace.Open(files...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	report, err := file.Analyze(t.Context(), trace.Options{Midway: true}, yield)
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict.Connections == 0 {
		t.Fatalf("%v: no connection", files)
	}
	about := summary.About{Interfaces: file.Interfaces()}
	for _, name := range files {
		about.Files = append(about.Files, filepath.Base(name))
	}
	stats := file.Stats()
	about.Start, about.End = stats.Start, stats.End
	if about.Files[0] == "handover.pcapng.gz" { // as if it was one file, as is usual
		about.Files = about.Files[:1]
	}
	return capture{file, report, about}
}

// page renders the summary of files.
func page(t testing.TB, files []string, o summary.Options) string {
	t.Helper()
	s := summary.New(o)
	c := read(t, files, s.Add)
	var out bytes.Buffer
	if err := s.Write(&out, c.about, c.report); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// depth renders each connection of files.
func depth(t testing.TB, files []string, o summary.Options) string {
	t.Helper()
	var out bytes.Buffer
	read(t, files, func(c *trace.Connection) {
		if err := summary.Connection(&out, c, o); err != nil {
			t.Fatal(err)
		}
	})
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s:\n%s", path, diff)
	}
}

func TestPages(t *testing.T) {
	for name, files := range captures {
		golden(t, name, page(t, files, summary.Options{Width: 80}))
	}
	wide := page(t, captures["several"], summary.Options{Width: 120, Unicode: true})
	golden(t, "several-120", wide)
	golden(t, "several-pipe", page(t, captures["several"], summary.Options{}))
}

func TestDepth(t *testing.T) {
	for _, name := range []string{"two-paths", "handover", "fallback", "refused"} {
		golden(t, name+"-depth", depth(t, captures[name], summary.Options{Width: 80}))
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestOneScreen: a usual capture has its page on one screen of 80 x 24, and nothing is
// wider than it may be.
func TestOneScreen(t *testing.T) {
	for name, files := range captures {
		for _, width := range []int{80, 100, 120} { // columns
			o := summary.Options{Width: width, Unicode: true, Color: true}
			text := escape.ReplaceAllString(page(t, files, o), "")
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if len(lines) > 24 && (name != "several" || width >= 120) { // odd ones take more words
				t.Errorf("%s at width %d takes %d lines", name, width, len(lines))
			}
			text += escape.ReplaceAllString(depth(t, files, o), "")
			narrow(t, text, width)
		}
	}
}

func narrow(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
			t.Errorf("%d columns, more than %d: %s", n, width, line)
		}
	}
}

// TestPlain: without colour there are none of its codes, and without Unicode no arrows;
// with them they are there, and that is all the difference.
func TestPlain(t *testing.T) {
	files := captures["several"]
	render := func(o summary.Options) string { return page(t, files, o) + depth(t, files, o) }
	plain := render(summary.Options{})
	if i := strings.IndexFunc(plain, func(r rune) bool { return r > '~' || r < ' ' && r != '\n' }); i >= 0 {
		t.Errorf("a pipe gets %q", plain[i:i+10])
	}
	colored := render(summary.Options{Color: true})
	if !strings.Contains(colored, "\x1b[32mproven") {
		t.Error("a terminal gets no colour")
	}
	if diff := cmp.Diff(plain, escape.ReplaceAllString(colored, "")); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(render(summary.Options{Unicode: true}), "10.0.0.2:61000 → 10.0.0.1:4321") {
		t.Error("no arrow")
	}
}

// TestMidway: of a connection whose start was not captured, what is not known is said
// to be so.
func TestMidway(t *testing.T) {
	file, err := trace.Open(captures["handover"]...)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, out, rows := summary.New(summary.Options{Width: 80}), new(bytes.Buffer), new(bytes.Buffer)
	w := summary.NewCSV(rows)
	a := trace.New([]string{"wifi", "lte"})
	a.Follow(trace.Options{Midway: true, ByAddress: true})
	a.Yield(func(c *trace.Connection) {
		s.Add(c)
		if err := errors.Join(w.Add(c), w.Flush(), summary.Connection(out, c, summary.Options{Width: 80})); err != nil {
			t.Fatal(err)
		}
	})
	var p trace.Packet
	for n := 1; file.Next(&p) == nil; n++ {
		if n > 20 { // behind both handshakes
			a.Add(&p)
		}
	}
	a.End()
	if err := s.Write(out, summary.About{}, a.Report()); err != nil {
		t.Fatal(err)
	}
	golden(t, "midway", out.String())
	_, table := table(t, rows.String())
	for _, name := range []string{"version", "token_client", "establishment_ns", "client_address_id", "initial", "opened_by",
		"verified", "client_backup", "server_backup", "syns", "stream_window_limited_ns", "rtt_handshake_ns"} {
		if value, found := table[0][name]; !found || value != "" {
			t.Errorf("CSV: %s is %q, though nothing tells", name, value)
		}
	}
}
