package lab_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/lab"

	"github.com/google/go-cmp/cmp"
)

// TestUpLikeShell builds labs twice, with Up and by giving the shell commands
// that Up shows to sh, and compares what iproute2 then finds in the hosts.
func TestUpLikeShell(t *testing.T) {
	needTools(t, "ip", "tc", "sysctl", "ethtool", "nft")
	if !elsewhere(t, 0) {
		return
	}
	needNamedNamespaces(t)
	topologies := []*lab.Topology{twoPaths(t), routers(t)}
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no topologies", err)
	}
	for _, path := range paths {
		topology, err := lab.Load(path)
		must(t, err)
		topologies = append(topologies, topology)
	}
	topologies = append(topologies, random(5)...)
	for _, topology := range topologies {
		t.Run(topology.Name, func(t *testing.T) {
			buildByShell(t, topology)
			compareHosts(t, up(t, topology))
		})
	}
}

// random generates topologies, the same ones each time.
func random(n int) (all []*lab.Topology) {
	for i := range n {
		all = append(all, topologies().Example(i))
	}
	return all
}

func needTools(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			netnstest.Missing(t, err.Error())
		}
	}
}

// needNamedNamespaces skips a test where `ip netns exec` cannot do its work. It
// mounts a sysfs, which in some containers the user of a user namespace may not,
// whatever the kernel; that is no fault.
func needNamedNamespaces(t *testing.T) {
	t.Helper()
	if output, err := exec.Command("sh", "-c", "ip netns add probe && ip netns exec probe true").CombinedOutput(); err != nil {
		t.Skipf("ip netns does not work here: %v\n%s", err, output)
	}
	must(t, netns.Unpublish("probe"))
}

func buildByShell(t *testing.T, topology *lab.Topology) {
	t.Helper()
	t.Cleanup(func() {
		for _, name := range topology.Names() {
			must(t, netns.Unpublish(name))
		}
	})
	script := "set -e\n" + strings.Join(lab.Commands(topology), "\n")
	if output, err := exec.Command("sh", "-xc", script).CombinedOutput(); err != nil || strings.Contains(string(output), "rror") {
		t.Fatalf("shell: %v\n%s", err, output)
	}
}

// compareHosts waits until each host is like the namespace of its name: links
// take a moment to come up.
func compareHosts(t *testing.T, network *lab.Lab) {
	t.Helper()
	for _, name := range network.Topology.Names() {
		theirs, err := netns.Open(filepath.Join(netns.NameDir, name))
		must(t, err)
		defer theirs.Close()
		for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			diff := cmp.Diff(inspect(t, theirs.Do), inspect(t, network.Host(name).Run))
			if diff == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("host %s: by the shell (-), by Up (+):\n%s", name, diff)
			}
		}
	}
}

// inspections are what is compared: a line each in text, or objects in JSON.
var inspections = [][]string{
	{"ip", "-j", "-d", "address"},
	{"ip", "-j", "-4", "route", "show", "table", "all"},
	{"ip", "-j", "-6", "route", "show", "table", "all"},
	{"ip", "-j", "-4", "rule"},
	{"ip", "-j", "-6", "rule"},
	{"tc", "-j", "qdisc"},
	{"ip", "mptcp", "endpoint", "show"},
	{"ip", "mptcp", "limits", "show"},
	{"nft", "list", "ruleset"},
	{"sysctl", "-a", "-r", `^net\.(ipv4|ipv6|mptcp)\.`},
}

// inspect runs the inspections in a namespace. It returns sorted lines, without
// what differs between any two namespaces.
func inspect(t *testing.T, do func(func() error) error) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, words := range inspections {
		command := strings.Join(words, " ")
		must(t, do(func() error {
			output, err := exec.Command(words[0], words[1:]...).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", command, err)
			}
			if slices.Contains(words, "-j") {
				found[command], err = objects(output)
				return err
			}
			found[command] = slices.Sorted(strings.Lines(string(output)))
			return nil
		}))
	}
	return found
}

// automatic is the part of a link-local address that comes of a random Ethernet
// address.
var automatic = regexp.MustCompile(`fe80:.*ff:fe|ff02::1:ff`)

// objects gives a line for each object of a list, keys in order.
func objects(text []byte) (lines []string, err error) {
	var list []any
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	for _, object := range list {
		if line, err := json.Marshal(strip(object)); err != nil {
			return nil, err
		} else if !automatic.Match(line) {
			lines = append(lines, string(line))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// arbitrary are the keys of what the kernel numbers as it likes.
var arbitrary = []string{
	"ifindex", "link_index", "link_netnsid", "address", "handle", "bridge_id", "root_id", "designated_bridge", "designated_root",
}

// strip removes what the kernel numbers in the order of creation or at random.
func strip(value any) any {
	switch value := value.(type) {
	case []any:
		value = slices.DeleteFunc(value, func(element any) bool {
			line, _ := json.Marshal(element)
			return automatic.Match(line) && element.(map[string]any)["local"] != nil
		})
		for i := range value {
			value[i] = strip(value[i])
		}
		return value
	case map[string]any:
		for key := range value {
			if slices.Contains(arbitrary, key) || strings.HasSuffix(key, "_timer") {
				delete(value, key)
			}
		}
		for key := range value {
			value[key] = strip(value[key])
		}
	}
	return value
}
