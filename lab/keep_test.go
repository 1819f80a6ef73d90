package lab_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// shell runs a script with sh, the way a person gives it the commands that Keep
// returns.
func shell(t *testing.T, script string) string {
	t.Helper()
	output, err := exec.Command("sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, output)
	}
	return string(output)
}

// enter runs a script in the shell that a command of Keep starts.
func enter(t *testing.T, command, script string) string {
	t.Helper()
	return shell(t, "echo '"+script+"' | "+command)
}

// interfaces lists what a host of the two paths has, in the words of `ip -o
// link`.
func interfaces(host string) string { return fmt.Sprintf("blue-%s lo red-%s", host, host) }

const listInterfaces = `ip -o link | sed "s/^[0-9]*: //; s/[@:].*//" | sort | tr "\n" " "`

func expectInterfaces(t *testing.T, kept *lab.Kept) {
	t.Helper()
	for i, host := range []string{"client", "server"} {
		if got := strings.TrimSpace(enter(t, kept.Enter[i], listInterfaces)); got != interfaces(host) {
			t.Errorf("%s: interfaces %q, want %q", kept.Enter[i], got, interfaces(host))
		}
	}
}

// keep keeps a lab for good.
func keep(t *testing.T, network *lab.Lab) *lab.Kept {
	t.Helper()
	kept, err := network.Keep()
	must(t, err)
	must(t, kept.Confirm())
	return kept
}

// keepByName runs through the life of a lab that has names.
func keepByName(t *testing.T, topology *lab.Topology) {
	network := up(t, topology)
	kept := keep(t, network)
	t.Cleanup(func() { exec.Command("sh", "-c", kept.Remove).Run() })
	id := fmt.Sprintf("%s-%d-", topology.Name, os.Getpid())
	want := &lab.Kept{
		Enter: []string{"ip netns exec " + id + "client sh", "ip netns exec " + id + "server sh"},
		Remove: "ip netns delete " + id + "server; ip netns delete " + id + "client; rm -f " +
			filepath.Join(lab.RecordDir, strings.TrimSuffix(id, "-")),
	}
	if !slices.Equal(kept.Enter, want.Enter) || kept.Remove != want.Remove {
		t.Errorf("kept %+v, want %+v", kept, want)
	}
	crossTraffic(t, network) // It can still be used,
	must(t, network.Close())
	must(t, lab.Clean()) // stays whatever others do,
	must(t, helper(t, "clean", nil).Run())
	for _, host := range []string{"client", "server"} {
		if !strings.Contains(shell(t, "ip netns list"), id+host) {
			t.Errorf("ip netns list does not know %s", id+host)
		}
	}
	expectInterfaces(t, kept)
	shell(t, kept.Remove) // and goes when told.
	if list := shell(t, "ip netns list"); strings.Contains(list, id) {
		t.Errorf("after %s:\n%s", kept.Remove, list)
	}
	if records := names(t, lab.RecordDir); slices.ContainsFunc(records, func(name string) bool {
		return strings.HasPrefix(name, topology.Name+"-")
	}) {
		t.Errorf("records %q", records)
	}
}

func TestKeepByName(t *testing.T) {
	needTools(t, "ip")
	if !elsewhere(t, 0) {
		return
	}
	// The first name here is ours; then ip(8) comes and makes one too.
	first := keep(t, up(t, bare("first", "a")))
	needNamedNamespaces(t)
	shell(t, first.Remove)
	must(t, lab.Clean())
	expectNames(t, "", "")
	keepByName(t, twoPaths(t))
	expectNames(t, "", "")
}

// The system's own /run, for who may.
func TestKeepByNameOnSystem(t *testing.T) {
	needTools(t, "ip")
	netnstest.Require(t)
	if err := os.MkdirAll(lab.RecordDir, 0o755); err != nil || netns.Inside() {
		t.Skip("not root of the system")
	}
	topology := twoPaths(t)
	topology.Name = fmt.Sprintf("test-%08x", rand.Uint32())
	keepByName(t, topology)
}

// Of labs with the same names in one process each has its own.
func TestKeepSeveral(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	topology := bare("same", "a", "b")
	var want []string
	for n := 1; n <= 3; n++ {
		kept := keep(t, up(t, topology))
		id := fmt.Sprintf("same-%d-", os.Getpid())
		if n > 1 {
			id += fmt.Sprintf("%d-", n)
		}
		want = append(want, id+"a", id+"b")
		if len(kept.Enter) != 2 || kept.Enter[0] != "ip netns exec "+id+"a sh" {
			t.Errorf("lab %d: %+v", n, kept)
		}
	}
	slices.Sort(want)
	if got := names(t, netns.NameDir); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	forget(t)
}

// A name that is taken is not touched, whatever it stands for, and of the lab
// nothing is left.
func TestKeepNameTaken(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	name := fmt.Sprintf("taken-%d-b", os.Getpid())
	path := filepath.Join(netns.NameDir, name)
	foreign := map[string]func(){
		"namespace":  func() { must(t, netnstest.New(t).Publish(name)) },
		"empty file": func() { must(t, os.WriteFile(path, nil, 0o444)) },
		"file":       func() { must(t, os.WriteFile(path, []byte("mine"), 0o444)) },
		"link":       func() { must(t, os.Symlink("/proc/self/ns/net", path)) },
		"directory":  func() { must(t, os.Mkdir(path, 0o755)) },
	}
	must(t, os.MkdirAll(netns.NameDir, 0o755))
	for kind, occupy := range foreign {
		t.Run(kind, func(t *testing.T) {
			occupy()
			before, err := os.Lstat(path)
			must(t, err)
			network := up(t, bare("taken", "a", "b", "c"))
			kept, err := network.Keep()
			if kept != nil || !errors.Is(err, fs.ErrExist) || !strings.HasPrefix(err.Error(), "keep lab taken: ") {
				t.Errorf("%+v, %v", kept, err)
			}
			must(t, lab.Clean())
			expectNames(t, name, "")
			if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
				t.Errorf("%s is now %v, %v", name, after, err)
			}
			must(t, network.Host("a").Run(func() error { return nil }))
			must(t, netns.Unpublish(name))
		})
	}
}
