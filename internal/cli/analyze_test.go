package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// twoPaths is the example two-paths, shaped so that both are needed, as a lab of
// another name.
func (u *labUser) twoPaths(name string) {
	u.t.Helper()
	text, err := os.ReadFile("../../examples/two-paths.yaml")
	must(u.t, err)
	changed := strings.NewReplacer("name: two-paths", "name: "+name, "  - name: red\n", "  - name: red\n    rate: 50mbit\n",
		"  - name: blue\n", "  - name: blue\n    rate: 50mbit\n").Replace(string(text))
	u.up(u.file(name+".yaml", changed))
}

// send has the client send over both paths.
func (u *labUser) send() {
	u.t.Helper()
	server := u.sit("exec", "two/server", "--", "sh", "-c", u.path+" nc -v -l 4321 >/dev/null")
	server.sees("listening on")
	u.ok("exec", "two/client", "--", "sh", "-c", "head -c 3000000 /dev/zero | "+u.path+" nc --require-mptcp --subflows 2 10.0.0.1 4321")
	server.sees("mptcp with ")
	server.ends(0)
}

// analyze is allroads analyze outside of the lab.
func (u *labUser) analyze(args ...string) *exec.Cmd {
	cmd := u.command()
	cmd.Args = append([]string{u.path, "analyze"}, args...)
	return cmd
}

// TestAnalyzeLive tells of connections while they come, until Ctrl-C.
func TestAnalyzeLive(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.twoPaths("two")
		s := u.sit("exec", "two/client", "--", u.path, "analyze", "-i", "any", "--expect", "subflows == 2", "--expect", "no-fallback")
		s.sees("no MPTCP connection was seen") // the first look
		u.send()
		s.sees("2/2/2")
		s.types("\x03")
		s.sees("PROVEN: 1 connection, 2 subflows over 2 paths")
		s.sees(" subflows == 2: 2")
		s.ends(0)
		s = u.sit("exec", "two/client", "--", u.path, "analyze", "-i", "lo", "--expect", "connections >= 1")
		s.sees("no MPTCP connection was seen")
		s.types("\x03")
		s.sees(" connections >= 1: 0")
		s.ends(1)
		u.ok("down", "two")
	})
}

// TestAnalyzeBothEnds compares captures of client and server, and judges both as one.
func TestAnalyzeBothEnds(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.twoPaths("two")
		var captures []*seat
		var files []string
		for _, host := range []string{"client", "server"} {
			file := filepath.Join(u.dir, host+".pcapng")
			files = append(files, file)
			s := u.sit("exec", "two/"+host, "--", u.path, "capture", "-i", "red-"+host, "-i", "blue-"+host, "--filter", "tcp", "-w", file)
			s.sees("capturing on")
			captures = append(captures, s)
		}
		u.send()
		for _, s := range captures {
			s.types("\x03")
			s.sees("0 dropped by the kernel")
			s.ends(0)
		}
		out, said, code := u.finish(u.analyze("--client", files[0], "--server", files[1]))
		if code != 0 || said != "" || !strings.HasPrefix(out, "nothing between the ends changed anything\n") || !strings.Contains(out, "subflow 2:") {
			t.Errorf("exit code %d, %s%s", code, out, said)
		}
		out, said, code = u.finish(u.analyze("--client", files[0], "--server", files[1], "--json"))
		var result map[string]any
		must(t, json.Unmarshal([]byte(out), &result))
		if code != 0 || said != "" || len(result["subflows"].([]any)) != 2 {
			t.Errorf("exit code %d, %s%s", code, out, said)
		}
		out, said, code = u.finish(u.analyze(files[0], files[1], "-q"))
		if code != 0 || said != "" || out != "PROVEN: 1 connection, 2 subflows over 2 paths\n" {
			t.Errorf("merged: exit code %d, %s%s", code, out, said)
		}
		u.ok("down", "two")
	})
}

// TestAnalyzeJSONIsDocumented looks for each field of the JSON in its documentation.
func TestAnalyzeJSONIsDocumented(t *testing.T) {
	var doc []byte
	for _, page := range []string{"analyze-json.md", "report-json.md"} {
		text, err := os.ReadFile("../../docs/reference/" + page)
		must(t, err)
		doc = append(doc, text...)
	}
	names, checks := map[string]bool{}, map[string]bool{}
	for _, args := range [][]string{{"--json"}, {"--ndjson", "--expect", "subflows >= 2"}} {
		cmd := exec.Command(program(t), append([]string{"analyze", "../../trace/testdata/two-paths.pcapng.gz"}, args...)...)
		out, err := cmd.Output()
		must(t, err)
		decoder := json.NewDecoder(strings.NewReader(string(out)))
		for decoder.More() {
			var value any
			must(t, decoder.Decode(&value))
			collect(value, names, checks)
		}
	}
	if len(names) < 100 || !names["expectations"] || !names["got"] || !names["drops_known"] {
		t.Fatalf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("field %s is not documented", name)
		}
	}
}

// TestAnalyzePartial: of a file that is cut short, what came before is told, and that
// it is a part.
func TestAnalyzePartial(t *testing.T) {
	whole, err := os.ReadFile("../../trace/testdata/two-paths.pcapng.gz")
	must(t, err)
	path := filepath.Join(t.TempDir(), "cut.pcapng.gz")
	must(t, os.WriteFile(path, whole[:len(whole)*3/4], 0o600))
	for _, args := range [][]string{nil, {"--json"}, {"--csv"}, {"--packets"}, {"-c", "1"}} {
		cmd := exec.Command(program(t), append([]string{"analyze", path, "--expect", "subflows == 2"}, args...)...)
		var said strings.Builder
		cmd.Stderr = &said
		out, _ := cmd.Output()
		if exitCodeOf(cmd) != 2 || len(out) < 200 || !strings.Contains(said.String(), "cut.pcapng.gz") || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%q: exit code %d, %d bytes, %q", args, exitCodeOf(cmd), len(out), &said)
		}
		if args == nil && !strings.Contains(string(out), "PARTIAL") {
			t.Errorf("%s", out)
		}
	}
}
