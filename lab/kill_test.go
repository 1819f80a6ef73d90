package lab_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// kills is how many programs die: half of them anywhere, half while they keep.
const kills = 40

// TestKilled kills programs that build and keep a lab. What they leave is either
// what Clean removes, or a lab that is kept and complete.
func TestKilled(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	topology := bare("killed", "kept")
	for i := range 60 { // so that it takes a while
		topology.Hosts = append(topology.Hosts, lab.HostConfig{Name: fmt.Sprintf("host%02d", i)})
	}
	building, keeping := lifetime(t, topology)
	outcomes := map[string]int{}
	for i := range kills {
		phase, duration := "up", building+keeping
		if i%2 == 1 {
			phase, duration = "keep", keeping
		}
		// Spread evenly over the duration.
		at := time.Duration((float64(i/2) + rand.Float64()) / (kills / 2) * float64(duration))
		id := kill(t, topology, phase, at)
		outcomes[judge(t, topology, id)]++
	}
	t.Logf("building takes %v, keeping %v; left by the killed: %v", building, keeping, outcomes)
}

// lifetime measures how long a program takes to build and to keep.
func lifetime(t *testing.T, topology *lab.Topology) (building, keeping time.Duration) {
	t.Helper()
	cmd := helper(t, "keep", topology)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewReader(output)
	expectLine(t, lines, "up")
	began := time.Now()
	expectLine(t, lines, "keep")
	building = time.Since(began)
	_, err = lines.ReadString('\n')
	must(t, err)
	keeping = time.Since(began) - building
	must(t, cmd.Wait())
	forget(t)
	return building, keeping
}

func expectLine(t *testing.T, lines *bufio.Reader, want string) {
	t.Helper()
	if line, err := lines.ReadString('\n'); err != nil || line != want+"\n" {
		t.Fatalf("line %q, %v; want %s", line, err, want)
	}
}

// kill starts a program and kills it some time into a phase. It returns the id
// of the program's record.
func kill(t *testing.T, topology *lab.Topology, phase string, at time.Duration) (id string) {
	t.Helper()
	cmd := helper(t, "keep", topology)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewReader(output)
	expectLine(t, lines, "up")
	if phase == "keep" {
		expectLine(t, lines, "keep")
	}
	time.Sleep(at)
	if err := cmd.Process.Signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // It was killed, or was quicker.
	return fmt.Sprintf("%s-%d", topology.Name, cmd.Process.Pid)
}

// judge cleans up after a killed program, and says what it left.
func judge(t *testing.T, topology *lab.Topology, id string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(lab.RecordDir, id))
	if err == nil && strings.HasSuffix(string(text), "\nkept\n") {
		must(t, lab.Clean())
		expectComplete(t, topology, id)
		forget(t)
		return "a kept lab"
	}
	left := len(names(t, netns.NameDir))
	must(t, lab.Clean())
	expectNames(t, "", "")
	if err != nil {
		return "nothing"
	}
	return fmt.Sprintf("a record and %d names", left)
}

// expectComplete holds that a lab has all its names, and each is a namespace.
func expectComplete(t *testing.T, topology *lab.Topology, id string) {
	t.Helper()
	var want []string
	for _, host := range topology.Hosts {
		want = append(want, id+"-"+host.Name)
	}
	slices.Sort(want)
	if got := names(t, netns.NameDir); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	for _, name := range want {
		ns, err := netns.Open(filepath.Join(netns.NameDir, name))
		must(t, err)
		must(t, ns.Do(func() error { return nil }))
		must(t, ns.Close())
	}
	expectNames(t, strings.Join(want, " "), id)
}
