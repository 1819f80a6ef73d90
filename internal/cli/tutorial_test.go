package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// codeBlock is a block of a page, with its language.
var codeBlock = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```\n")

// TestTutorial follows docs/tutorial/lab.md, as root and as an ordinary user: it
// runs its commands and looks for the output that it shows.
func TestTutorial(t *testing.T) {
	page, err := os.ReadFile("../../docs/tutorial/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	for user, attributes := range users() {
		t.Run(user, func(t *testing.T) {
			path := program(t)
			defer waitGone(t, path)
			folder := filepath.Dir(path)
			if out, err := exec.Command("cp", "-r", "../../examples", folder).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var printed []string
			ran, shown := 0, 0
			for _, block := range codeBlock.FindAllStringSubmatch(string(page), -1) {
				switch language, text := block[1], block[2]; language {
				case "sh":
					cmd := exec.Command("sh", "-ec", strings.TrimPrefix(text, "go build -o allroads ./cmd/allroads\n"))
					cmd.Dir, cmd.SysProcAttr = folder, attributes
					cmd.Env = append(os.Environ(), "HOME=/", "XDG_RUNTIME_DIR=")
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Fatalf("%v: %s\n%s", err, text, out)
					}
					printed = strings.Split(string(out), "\n")
					ran += strings.Count(text, "\n")
				case "yaml":
					if err := os.WriteFile(filepath.Join(folder, "my-lab.yaml"), []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				case "":
					shown += findLines(t, printed, text)
				}
			}
			if ran < 10 || shown < 20 {
				t.Errorf("%d commands were run and %d lines found", ran, shown)
			}
		})
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
