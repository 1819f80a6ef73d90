package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"allroads/pathmanager/pathmanagertest"
)

// codeBlock is a block of a page, with its language.
var codeBlock = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```\n")

// savedAs is how a page names a file that it shows.
var savedAs = regexp.MustCompile("[Ss]ave\\s+this\\s+as\\s+`([a-z-]+\\.yaml)`")

// builds are commands that the test has done already.
var builds = regexp.MustCompile("(?m)^go build -o .*\n")

// TestPages follows the tutorial and the how-tos, as root and as an ordinary user:
// it runs their commands and looks for the output that they show.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/how-to/*.md")
	if err != nil || len(pages) < 4 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	if testing.Short() {
		t.Skip("the pages take their time, and so do their readers")
	}
	path := program(t)
	if out, err := exec.Command("go", "build", "-o", path+"d", "../../cmd/allroadsd").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages = append(pages, "../../docs/tutorial/lab.md")
	t.Run("as", func(t *testing.T) {
		for user, attributes := range users() {
			t.Run(user, func(t *testing.T) {
				t.Parallel() // The labs of two pages may have one name, those of two users not.
				for _, page := range pages {
					t.Run(filepath.Base(page), func(t *testing.T) {
						text, err := os.ReadFile(page)
						must(t, err)
						follow(t, path, string(text), attributes)
					})
				}
			})
		}
	})
	waitGone(t, path)
}

// follow does what a page says, in a folder of its own.
func follow(t *testing.T, path, page string, attributes *syscall.SysProcAttr) {
	t.Helper()
	folder, err := os.MkdirTemp("", "allroads-page-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	must(t, os.Chmod(folder, 0o777))
	must(t, os.Symlink(path, filepath.Join(folder, "allroads")))
	if strings.Contains(page, "./allroadsd") {
		pathmanagertest.Alone(t) // It listens to the path manager's events.
		must(t, os.Symlink(path+"d", filepath.Join(folder, "allroadsd")))
	}
	if out, err := exec.Command("cp", "-r", "../../examples", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var printed []string
	ran, shown := 0, 0
	for _, at := range codeBlock.FindAllStringSubmatchIndex(page, -1) {
		switch language, text := page[at[2]:at[3]], page[at[4]:at[5]]; language {
		case "sh":
			cmd := exec.Command("sh", "-ec", builds.ReplaceAllString(text, ""))
			cmd.Dir, cmd.SysProcAttr = folder, attributes
			cmd.Env = append(os.Environ(), "HOME=/", "XDG_RUNTIME_DIR=")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s\n%s", err, text, out)
			}
			printed = strings.Split(string(out), "\n")
			ran++
		case "yaml":
			names := savedAs.FindAllStringSubmatch(page[:at[0]], -1)
			must(t, os.WriteFile(filepath.Join(folder, names[len(names)-1][1]), []byte(text), 0o644))
		case "":
			shown += findLines(t, printed, text)
		}
	}
	if ran < 1 || shown < 1 {
		t.Errorf("%d blocks were run and %d lines found", ran, shown)
	}
}

// findLines looks for the lines of a text among those printed, in order, and
// returns how many it has found.
func findLines(t *testing.T, printed []string, text string) (found int) {
	t.Helper()
	printed = slices.Clone(printed)
	for i := range printed {
		printed[i] = normal(printed[i])
	}
	for line := range strings.Lines(text) {
		want := normal(line)
		if want == "..." || want == "" {
			continue
		}
		at := slices.Index(printed, want)
		if at < 0 {
			t.Errorf("not printed, or not here: %s", line)
			continue
		}
		printed = printed[at+1:]
		found++
	}
	return found
}

// TestTutorialExample: the tutorial's Go code is that of a tested example.
func TestTutorialExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/tutorial/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../lab/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code := codeBlock.FindStringSubmatch(string(page)[strings.Index(string(page), "<!-- ExampleStart -->"):])
	for line := range strings.Lines(code[2]) {
		if !strings.Contains(string(example), line) {
			t.Errorf("the example has no line %s", line)
		}
	}
}
