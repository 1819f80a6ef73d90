package unit

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pieces of command lines that systemd takes for something of its own.
var pieces = []string{" ", " ", " ", "\t", `"`, `"`, `'`, `'`, `\`, ";", " ; ", ` \; `, "$", "$$", "${A}", "$A", "%%", "%n", "-", "@", ":", "+", "!",
	"#", "=", ",", "a", "b", "word", "/usr/bin/true", " /usr/bin/true ", "é", `\x41`, `\x4`, `\101`, `\u00e9`, `\U0001f600`, `\s`, `\t`, `\"`, `\'`, `\\`, `\q`, "\\ \n#", "\\\n", "\\\n# comment\n", "\\\n\n"}

// newRandom is the same in each run.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func randomLine(random *rand.Rand) string {
	var b strings.Builder
	for range random.IntN(3) {
		b.WriteString([]string{"-", "@", ":", "+", "!", "!!", `"`}[random.IntN(7)])
	}
	b.WriteString([]string{"/usr/bin/true", "true", "/usr/bin/with space", "/usr/bin/$A", ""}[random.IntN(5)])
	for range random.IntN(12) {
		b.WriteString(pieces[random.IntN(len(pieces))])
	}
	return b.String()
}

// TestRandomAsSystemd holds command lines that nobody would write against systemd, as
// they are and wrapped.
func TestRandomAsSystemd(t *testing.T) {
	root, random := newRoot(t), newRandom()
	lines := map[string]string{}
	var names []string
	for i := range 800 {
		name, line := fmt.Sprintf("random%d.service", i), randomLine(random)
		lines[name] = line
		names = append(names, name)
		write(t, filepath.Join(root, "usr/lib/systemd/system", name), "[Service]\nType=oneshot\nExecStart="+line+"\n", 0o644)
	}
	before, said := verify(t, root, "debug", names...)
	read, wrapped := 0, map[string][][]string{}
	for _, name := range names {
		var a analysis
		loaded := a.read(t, before, name)
		u := load(t, root, name)
		commands, err := u.Commands()
		if err != nil {
			if !strings.Contains(said, "/"+name+":") {
				t.Errorf("%q: systemd takes it: %v", lines[name], err)
			}
			continue
		}
		if diff := cmp.Diff(a.commands, argvs(t, u)); diff != "" || !loaded && len(commands) > 0 {
			t.Errorf("%q: %s", lines[name], diff)
			continue
		}
		d, err := u.DropIn(Notify, "/usr/bin/allroads")
		if err != nil {
			continue // no command, or a name that cannot be passed on
		}
		read++
		if _, err := u.tree.Install(d, false); err != nil {
			t.Fatal(err)
		}
		wrapped[name] = expected(u.Name, commands, a.commands)
	}
	after, _ := verify(t, root, "debug", names...)
	for name, want := range wrapped {
		var a analysis
		a.read(t, after, name)
		if diff := cmp.Diff(want, a.commands); diff != "" {
			t.Errorf("%q wrapped: %s", lines[name], diff)
		}
	}
	if read < 100 {
		t.Errorf("only %d lines could be read", read)
	}
	t.Logf("%d of %d lines are commands", read, len(lines))
}

// expected is what systemd has to execute in place of commands.
func expected(name Name, commands []Command, before [][]string) (all [][]string) {
	for i, c := range commands {
		words := []string{"/usr/bin/allroads", "run", "--exec", "--strategy", "notify", "--ignore-signal", "PIPE"}
		if c.given {
			words = append(words, "--argv0="+before[i][0])
		}
		path := strings.NewReplacer("%%", "%", "%n", string(name)).Replace(c.Path)
		if !strings.Contains(c.Prefix, ":") {
			path = strings.ReplaceAll(path, "$", "$$")
		}
		all = append(all, append(append(words, "--", path), before[i][1:]...))
	}
	return all
}
