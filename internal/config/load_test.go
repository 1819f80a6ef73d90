package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/config"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// folder has allroads.yaml and conf.d with the files given.
func folder(t *testing.T, files map[string]string) (file, dir string) {
	t.Helper()
	root := t.TempDir()
	file, dir = filepath.Join(root, "allroads.yaml"), filepath.Join(root, "conf.d")
	must(t, os.Mkdir(dir, 0o755))
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return file, dir
}

func TestConfigLoadNothing(t *testing.T) {
	file, dir := folder(t, nil)
	for _, dir := range []string{dir, dir + "x", ""} {
		for _, file := range []string{file, ""} {
			c, read, err := config.Load(file, dir)
			if diff := cmp.Diff(config.Default(), c, compare); diff != "" || err != nil || len(read) > 0 {
				t.Errorf("%s %s: %v %v %s", file, dir, read, err, diff)
			}
		}
	}
	if _, _, err := config.LoadNamed(file, dir); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
}

// The last one of single values counts, limits one by one, and rules come behind.
func TestConfigLoadOrder(t *testing.T) {
	file, dir := folder(t, map[string]string{
		"allroads.yaml":       "mode: kernel\nstrategy: {kind: backup, join: when-needed}\nlimits: {subflows: 3}\ninterfaces: [{name: a, match: {names: [a]}}]\non_stop: keep\n",
		"conf.d/20-b.yaml":    "mode: userspace\ninterfaces:\n- {name: c, match: {names: [c]}}\nlimits: {add_addr_accepted: 5}\n",
		"conf.d/10-a.yaml":    "mode: auto\ninterfaces:\n- {name: b, match: {names: [b]}}\nstrategy: handover\nlimits: {subflows: 4}\non_stop:\n",
		"conf.d/30-none.yaml": "# nothing yet\n",
		"conf.d/.x.yaml":      "nonsense", "conf.d/x.yaml~": "nonsense", "conf.d/x.yaml.dpkg-new": "nonsense",
	})
	c, read, err := config.Load(file, dir)
	must(t, err)
	want := []string{file, filepath.Join(dir, "10-a.yaml"), filepath.Join(dir, "20-b.yaml"), filepath.Join(dir, "30-none.yaml")}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Error(diff)
	}
	var names string
	for _, rule := range c.Interfaces {
		names += rule.Name
	}
	if names != "abc" || c.Mode != config.Userspace || c.OnStop != config.Keep || c.Strategy.Kind != config.Handover || c.Strategy.Join != "" ||
		*c.Limits.Subflows != 4 || *c.Limits.AddAddrAccepted != 5 {
		t.Errorf("%s %+v", names, c)
	}
	// Without the main file, what is in conf.d counts all the same.
	if c, _, err := config.Load(file+"x", dir); err != nil || c.Mode != config.Userspace || len(c.Interfaces) != 2 {
		t.Error(c, err)
	}
}

// Each mistake is said to be in its own file, also where it is about another one.
func TestConfigLoadWrong(t *testing.T) {
	for name, test := range map[string]struct{ main, first, second, want string }{
		"main":       {"mode: x", "", "", "allroads.yaml:1:7: mode"},
		"syntax":     {"mode: auto", "\n\nmode: auto: x", "", "conf.d/1.yaml:3:"},
		"unknown":    {"mode: auto", "mod: auto", "", "conf.d/1.yaml:1:1: unknown key"},
		"word":       {"mode: auto", "mode: kernel", "\nmode: x", "conf.d/2.yaml:2:7: mode"},
		"in a list":  {face + "{role: use, match: {names: [a]}}", face + "{match: {names: [b]}}", "\n" + face + "{role: usee}", "conf.d/2.yaml:3:12: role"},
		"list":       {"interfaces: []", "interfaces: 5", "", "conf.d/1.yaml:1:13: not a list"},
		"shadow":     {face + "{role: backup}", "", "\n\n" + face + "{match: {names: [b]}}", "conf.d/2.yaml:4:6: rule interfaces[1] is never asked: interfaces[0] before it"},
		"shadow at":  {face + "{role: backup}", "", "\n\n" + face + "{match: {names: [b]}}", "allroads.yaml:2)"},
		"limit":      {"limits: {subflows: 2}", "limits: {subflows: 65}", "limits: {add_addr_accepted: 1}", "conf.d/1.yaml:1:20: subflows 65"},
		"name twice": {"", face + "{name: a, match: {names: [b]}}", face + "{name: a}", `conf.d/2.yaml:2:12: name "a": another rule has it`},
	} {
		file, dir := folder(t, map[string]string{"allroads.yaml": test.main, "conf.d/1.yaml": test.first, "conf.d/2.yaml": test.second})
		if _, _, err := config.Load(file, dir); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %s", name, err, test.want)
		}
	}
}

// What everyone may write, and what is no file, is not read.
func TestConfigLoadUntrusted(t *testing.T) {
	file, dir := folder(t, map[string]string{"allroads.yaml": "mode: auto", "conf.d/a.yaml": "mode: kernel"})
	refused := func(file, dir, want string) {
		t.Helper()
		if _, _, err := config.Load(file, dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	refused(dir, "", dir+": not a regular file")
	fifo := filepath.Join(t.TempDir(), "fifo")
	must(t, unix.Mkfifo(fifo, 0o600))
	refused(fifo, "", "not a regular file")
	must(t, os.Symlink("missing", filepath.Join(dir, "b.yaml")))
	refused(file, dir, "b.yaml")
	must(t, os.Remove(filepath.Join(dir, "b.yaml")))
	must(t, os.Mkdir(filepath.Join(dir, "b.yaml"), 0o755))
	refused(file, dir, "b.yaml: not a regular file")
	must(t, os.Remove(filepath.Join(dir, "b.yaml")))
	must(t, os.Chmod(dir, 0o777))
	refused(file, dir, "conf.d: everyone may write it (mode 0777): chmod o-w")
	must(t, os.Chmod(dir, 0o755))
	must(t, os.Chmod(file, 0o646))
	refused(file, dir, "allroads.yaml: everyone may write it (mode 0646)")
	must(t, os.Chmod(file, 0o640))
	users, _ := os.ReadFile("/proc/self/uid_map")
	if os.Geteuid() == 0 && strings.Contains(string(users), "4294967295") {
		for _, uid := range []int{1234, 65534} {
			must(t, os.Chown(file, uid, 0))
			refused(file, dir, fmt.Sprintf("allroads.yaml: it belongs to user %d: chown root", uid))
			must(t, os.Chown(file, 0, 0))
			must(t, os.Chown(dir, uid, 0))
			refused(file, dir, "conf.d: it belongs to user ")
			must(t, os.Chown(dir, 0, 0))
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "c.yml"), nil, 0o644))
	refused(file, dir, "c.yml would be left out: call it c.yaml")
	must(t, os.WriteFile(file, []byte(strings.Repeat("#\n", 1<<19)+"\n"), 0o644))
	refused(file, "", "larger than 1048576 bytes")
}
