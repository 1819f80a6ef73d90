package unit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func state(t *testing.T, root, name string) State {
	t.Helper()
	s, enabled, err := System(root).State(Name(name))
	if err != nil || !enabled {
		t.Fatalf("%s: enabled %v, %v", name, enabled, err)
	}
	return s
}

// TestState: what happens to a unit behind our back is noticed, and enabling it again
// mends what can be mended.
func TestState(t *testing.T) {
	var root, web, override string
	text, err := os.ReadFile(filepath.Join(newRoot(t), "usr/lib/systemd/system/web.service"))
	if err != nil {
		t.Fatal(err)
	}
	fine := func(s State) bool { return !s.Stale && !s.Edited && !s.Missing && !s.Gone && s.Overridden == "" }
	for _, c := range []struct {
		name   string
		change func(d *DropIn)
		so     func(State) bool
		mended bool // by enabling it again
	}{
		{"nothing", func(*DropIn) {}, fine, true},
		{"an update of the unit", func(*DropIn) {
			write(t, web, strings.Replace(string(text), "ExecStart=/usr/sbin/web -g", "ExecStart=/usr/sbin/web --new -g", 1), 0o644)
		}, func(s State) bool { return s.Stale && !s.Edited && !s.Gone && s.Overridden == "" }, true},
		{"another line of the unit", func(*DropIn) { write(t, web, string(text)+"[Service]\nNice=1\n", 0o644) }, fine, true},
		{"a sandbox", func(*DropIn) { write(t, override, "[Service]\nSystemCallFilter=@system-service\n", 0o644) }, func(s State) bool { return s.Stale }, true},
		{"an override", func(*DropIn) { write(t, override, "[Service]\nExecStart=\nExecStart=/usr/sbin/web\n", 0o644) },
			func(s State) bool { return s.Stale && s.Overridden == "" }, true},
		{"an override behind ours", func(d *DropIn) {
			write(t, filepath.Join(root, filepath.Dir(d.Path), "zzz.conf"), "[Service]\nExecStart=\nExecStart=/usr/sbin/web\n", 0o644)
		}, func(s State) bool { return filepath.Base(s.Overridden) == "zzz.conf" }, false},
		{"an editor", func(d *DropIn) { write(t, filepath.Join(root, d.Path), d.Text()+"#\n", 0o644) }, func(s State) bool { return s.Edited }, true},
		{"allroads is gone", func(*DropIn) { os.Remove(filepath.Join(root, "usr/bin/allroads")) }, func(s State) bool { return s.Missing && !s.Stale }, false},
		{"the unit is gone", func(*DropIn) { os.Remove(web) }, func(s State) bool { return s.Gone }, false},
		{"the unit is masked", func(*DropIn) {
			if err := os.Symlink("/dev/null", filepath.Join(root, "etc/systemd/system/web.service")); err != nil {
				t.Error(err)
			}
		}, func(s State) bool { return s.Gone }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			root = newRoot(t)
			web = filepath.Join(root, "usr/lib/systemd/system/web.service")
			override = filepath.Join(root, "etc/systemd/system/web.service.d/override.conf")
			d := install(t, load(t, root, "web.service"), Notify, "/usr/bin/allroads")
			if s := state(t, root, "web.service"); !fine(s) || s.Strategy != Notify || s.Allroads != "/usr/bin/allroads" {
				t.Fatalf("%+v", s)
			}
			c.change(d)
			if s := state(t, root, "web.service"); !c.so(s) {
				t.Errorf("%+v", s)
			}
			states, err := System(root).Enabled()
			if err != nil || len(states) != 1 || !c.so(states[0]) {
				t.Errorf("the list: %+v, %v", states, err)
			}
			if c.mended {
				again, err := load(t, root, "web.service").DropIn(Notify, "/usr/bin/allroads")
				if err == nil {
					_, err = System(root).Install(again, true)
				}
				if s := state(t, root, "web.service"); err != nil || !fine(s) {
					t.Errorf("enabled again: %v %+v", err, s)
				}
			}
			if _, err := System(root).Remove("web.service", true); err != nil {
				t.Errorf("cannot be disabled: %v", err)
			}
		})
	}
}

// TestStateOfInstances: an instance is enabled by its template, and a unit by any of
// its names.
func TestStateOfInstances(t *testing.T) {
	root := newRoot(t)
	tree := System(root)
	if _, enabled, err := tree.State("base@15-main.service"); enabled || err != nil {
		t.Fatalf("%v %v", enabled, err)
	}
	install(t, load(t, root, "base@.service"), Notify, "/usr/bin/allroads")
	if s := state(t, root, "base@15-main.service"); s.Stale || s.Path != "/etc/systemd/system/base@.service.d/"+DropInName {
		t.Errorf("%+v", s)
	}
	// An instance with a command of its own is not what the template was enabled for.
	if s := state(t, root, "base@old.service"); !s.Stale {
		t.Errorf("%+v", s)
	}
	install(t, load(t, root, "shelld.service"), Notify, "/usr/bin/allroads")
	for _, name := range []string{"shell.service", "shelld.service"} {
		if s := state(t, root, name); s.Unit != "shell.service" || s.Path != "/etc/systemd/system/shell.service.d/"+DropInName {
			t.Errorf("%+v", s)
		}
	}
	if path, err := tree.Remove("shelld.service", false); err != nil || path != "/etc/systemd/system/shell.service.d/"+DropInName {
		t.Errorf("%s %v", path, err)
	}
	if _, _, err := tree.State("nosuch.service"); !errors.Is(err, ErrNoUnit) {
		t.Error(err)
	}
	if _, err := tree.Load("masked.service"); !errors.Is(err, ErrMasked) {
		t.Error(err)
	}
}

// TestGroups: where systemd puts the processes of a unit, among cgroups of both versions.
func TestGroups(t *testing.T) {
	root, mounted := newRoot(t), t.TempDir()
	for group, pids := range map[string]string{
		"systemd/system.slice/web.service":                                    "10\n11\n",
		"system.slice/web.service/below":                                      "12\n",
		"unified/system.slice/web.service":                                    "10\n",
		"systemd/system.slice/system-base.slice/base@a.service":               "20\n",
		"systemd/system.slice/system-base.slice/base@b.service":               "21\n",
		"systemd/first.slice/first-second.slice/narrow.service":               "30\n",
		"systemd/system.slice/system-a\\x2db.slice/a-b@one.service":           "40\n",
		"systemd/system.slice/shell.service":                                  "50\n",
		"systemd/machine.slice/other.scope/system.slice/web.service/payload0": "99\n",
	} {
		write(t, filepath.Join(mounted, group, "cgroup.procs"), pids, 0o644)
	}
	for name, want := range map[string][]int{
		"web.service": {10, 11, 12}, "base@a.service": {20}, "base@.service": {20, 21}, "narrow.service": {30},
		"a-b@one.service": {40}, "shell.socket": {50}, "golang.service": nil,
	} {
		pids, err := State{loaded: load(t, root, name)}.Processes(mounted)
		if err != nil || !slices.Equal(pids, want) {
			t.Errorf("%s: %v %v, want %v", name, pids, err, want)
		}
	}
}
