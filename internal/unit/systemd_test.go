package unit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// services are those of testdata that can be enabled, as systemctl would name them.
var services = []string{"web.service", "shell.service", "base@15-main.service", "base@old.service", "script.service",
	"several.service", "continued.service", "reset.service", "long-name-here.service", "a-b@one.service",
	"sandboxed.service", "denied.service", "narrow.service", "golang.service", "linked.service", "mixed.service"}

// argv is a command's words as systemd has them when it has read them.
func argv(n Name, c Command) []string {
	name := c.Path
	if c.given {
		name, _, _, _, _ = nextWord(c.Argv0)
	}
	words := append([]string{name}, c.Words()...)
	_, instance, _ := n.Template()
	expand := strings.NewReplacer("%%", "%", "%n", string(n), "%i", instance, "%I", strings.ReplaceAll(instance, "-", "/"))
	for i := range words {
		words[i] = expand.Replace(words[i])
	}
	return words
}

func load(t testing.TB, root, name string) *Unit {
	t.Helper()
	u, err := System(root).Load(Name(name))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func argvs(t *testing.T, u *Unit) (all [][]string) {
	t.Helper()
	commands, err := u.Commands()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		all = append(all, argv(u.Name, c))
	}
	return all
}

// TestReadAsSystemd holds what we read in units against what systemd reads.
func TestReadAsSystemd(t *testing.T) {
	root := newRoot(t)
	for _, name := range services {
		t.Run(name, func(t *testing.T) {
			u, want := load(t, root, name), analyze(t, root, name)
			if diff := cmp.Diff(want.commands, argvs(t, u)); diff != "" || len(want.commands) == 0 {
				t.Errorf("%d commands: %s", len(want.commands), diff)
			}
			var paths []string
			for _, path := range u.DropIns {
				paths = append(paths, filepath.Join(root, path))
			}
			if diff := cmp.Diff(want.values["DropIn Path"], paths); diff != "" {
				t.Error(diff)
			}
			if got := []string{u.slice()}; !slices.Equal(want.values["Slice"], got) {
				t.Errorf("slice %v, systemd: %v", got, want.values["Slice"])
			}
		})
	}
}

// TestWrappedAsSystemd: systemd accepts the drop-in of each service, and executes
// allroads with the words that it would have executed.
func TestWrappedAsSystemd(t *testing.T) {
	for _, allroads := range []string{"/usr/bin/allroads", "/opt/all roads/allroads"} {
		root := newRoot(t)
		for _, name := range services {
			t.Run(allroads+name, func(t *testing.T) {
				before := analyze(t, root, name)
				u := load(t, root, name)
				plain, err := u.Commands()
				if err != nil {
					t.Fatal(err)
				}
				install(t, u, Notify, allroads)
				after := analyze(t, root, name)
				if diff := cmp.Diff(before.said, after.said); diff != "" {
					t.Errorf("systemd says: %s", diff)
				}
				var want [][]string
				for i, c := range plain {
					words := []string{allroads, "run", "--exec", "--strategy", "notify", "--ignore-signal", "PIPE"}
					if c.given {
						words = append(words, "--argv0="+before.commands[i][0])
					}
					words = append(words, "--", c.Path)
					want = append(want, append(words, before.commands[i][1:]...))
				}
				if diff := cmp.Diff(want, after.commands); diff != "" {
					t.Error(diff)
				}
				again, err := load(t, root, name).plain().Commands()
				if diff := cmp.Diff(plain, again, cmp.AllowUnexported(Command{})); diff != "" || err != nil {
					t.Errorf("without the drop-in the unit is another: %v %s", err, diff)
				}
			})
		}
	}
}

func install(t testing.TB, u *Unit, strategy, allroads string) *DropIn {
	t.Helper()
	d, err := u.DropIn(strategy, allroads)
	if err == nil {
		_, err = u.tree.Install(d, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}
