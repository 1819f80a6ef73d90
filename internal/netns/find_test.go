package netns_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestFileOf(t *testing.T) {
	for word, want := range map[string]string{
		"red": "/run/netns/red", "/run/netns/red": "/run/netns/red", "./x": "./x",
		"pid:7": "/proc/7/ns/net", "pid:x": "/run/netns/pid:x", "pid:../1": "pid:../1", "pid:-1": "/run/netns/pid:-1",
		"pid:2147483648": "/run/netns/pid:2147483648",
	} {
		if got := netns.FileOf(word); got != want {
			t.Errorf("FileOf(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns := netnstest.New(t)
	publish(t, ns, "red")
	pid := sleeper(t, ns)
	for _, word := range []string{"red", "/run/netns/red", fmt.Sprintf("pid:%d", pid), fmt.Sprintf("/proc/%d/ns/net", pid)} {
		found, err := netns.Find(word)
		if err != nil {
			t.Errorf("Find(%q): %v", word, err)
			continue
		}
		if got, _ := found.Inode(); got != inode(t, ns) {
			t.Errorf("Find(%q) is another namespace", word)
		}
		found.Close()
	}
	create(t, filepath.Join(netns.NameDir, "empty"), "")
	for word, want := range map[string]error{
		"nope": fs.ErrNotExist, "pid:999999999": fs.ErrNotExist,
		"/dev/null": netns.ErrNoNetNS, "empty": netns.ErrNoNetNS, "/proc/self/ns/mnt": netns.ErrNoNetNS,
	} {
		if _, err := netns.Find(word); !errors.Is(err, want) {
			t.Errorf("Find(%q): %v, want %v", word, err, want)
		}
	}
}

// sleeper starts a process in a namespace.
func sleeper(t *testing.T, ns *netns.NS) (pid int) {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	if err := ns.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

// TestAll finds the own namespace first, one by its name, one by its process, and
// none twice.
func TestAll(t *testing.T) {
	if !isolated(t) {
		return
	}
	named, unnamed, held := netnstest.New(t), netnstest.New(t), netnstest.New(t)
	publish(t, named, "red")
	create(t, filepath.Join(netns.NameDir, "half"), "")
	sleeper(t, named)
	pid := sleeper(t, unnamed)
	sleeper(t, unnamed)
	own, err := netns.Own()
	if err != nil {
		t.Fatal(err)
	}
	found, _ := netns.All()
	if f := found[0]; f.Inode != own || !f.Own || f.Name != "" {
		t.Errorf("first is %+v, want the own one", f)
	}
	wants := map[uint64]string{own: "", inode(t, named): "red", inode(t, unnamed): fmt.Sprintf("pid:%d", pid)}
	seen := map[uint64]bool{}
	for _, f := range found {
		if want, ours := wants[f.Inode]; ours && f.Name != want || seen[f.Inode] || !netns.IsAt(f.File, f.Inode) {
			t.Errorf("found %+v, want %q, once", f, want)
		}
		seen[f.Inode] = true
	}
	for number, name := range wants {
		if !seen[number] {
			t.Errorf("%q is not found", name)
		}
	}
	if seen[inode(t, held)] {
		t.Error("a namespace is found that nothing but a descriptor holds")
	}
}

// TestAllNamesOwn: the own one has a name if it has one.
func TestAllNamesOwn(t *testing.T) {
	if !isolated(t) {
		return
	}
	own, err := netns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	publish(t, own, "mine")
	if found, _ := netns.All(); found[0].Name != "mine" || !found[0].Own {
		t.Errorf("first is %+v", found[0])
	}
}

// TestLocate follows a namespace that has lost its name, until it is gone.
func TestLocate(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns := netnstest.New(t)
	number := inode(t, ns)
	if file := netns.Locate(number); file != "" {
		t.Errorf("without a name it is at %s", file)
	}
	publish(t, ns, "red")
	if file := netns.Locate(number); file != "/run/netns/red" || !netns.IsAt(file, number) || netns.IsAt(file, number+1) {
		t.Errorf("it is at %s", file)
	}
	pid := sleeper(t, ns)
	unpublish(t, "red")
	if file := netns.Locate(number); file != fmt.Sprintf("/proc/%d/ns/net", pid) || netns.IsAt("/run/netns/red", number) {
		t.Errorf("without its name it is at %s", file)
	}
}
