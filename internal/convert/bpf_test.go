package convert_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/convert"
	"allroads/internal/hook/cgroup"
	"allroads/internal/vm"
)

// needBPF skips where the kernel does not allow it; the virtual machine does
// (`make test-vm`).
func needBPF(t *testing.T) {
	t.Helper()
	if !vm.Inside() {
		t.Skip("BPF is tried in a virtual machine: make test-vm")
	}
	for path, device := range map[string]string{"/sys/fs/bpf": "bpf"} {
		_ = syscall.Mount(device, path, device, 0, "") // It may be there already.
	}
}

// runs runs this program by allroads and returns what it said, and the report.
func runs(t *testing.T, words ...string) (string, convert.Report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/allroads", append(append([]string{"run", "--report", path}, words...), "--", self)...)
	cmd.Env = append(os.Environ(), "OPEN=0s", "PATH=/bin")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var report convert.Report
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out)), report
}

// TestBPF: root's programs are converted in the kernel, and counted there.
func TestBPF(t *testing.T) {
	needBPF(t)
	for _, words := range [][]string{{}, {"--strategy", "bpf"}, {"--preserve-identity"}} {
		out, report := runs(t, words...)
		if out != "262 <nil>" || report.Strategy != convert.BPF || report.Sockets == nil ||
			report.Sockets.Seen != 1 || report.Sockets.Converted != 1 {
			t.Errorf("%v: %q, %+v, %+v", words, out, report.Strategy, report.Sockets)
		}
	}
	nothingLeft(t)
}

// TestBPFGroup: one that is there already is not taken away.
func TestBPFGroup(t *testing.T) {
	needBPF(t)
	group, err := cgroup.Create("of-others")
	if err != nil {
		t.Fatal(err)
	}
	out, report := runs(t, "--cgroup", group.Path())
	if out != "262 <nil>" || report.Strategy != convert.BPF {
		t.Errorf("%q, %v", out, report.Strategy)
	}
	if err := group.Remove(); err != nil {
		t.Error(err)
	}
	nothingLeft(t)
}

// TestBPFOther: without allroadsd, or where the hook cannot be had, another strategy is
// taken, and the reason is told.
func TestBPFOther(t *testing.T) {
	needBPF(t)
	alone := filepath.Join(t.TempDir(), "allroads")
	text, err := os.ReadFile("/bin/allroads")
	if err == nil {
		err = os.WriteFile(alone, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(alone, "run", "--explain", "--", os.Args[0])
	cmd.Env = []string{"OPEN=0s", "PATH=/"}
	out, err := cmd.CombinedOutput()
	if said := string(out); err != nil || !strings.Contains(said, "262 <nil>") ||
		!strings.Contains(said, "by notify") || !strings.Contains(said, "not bpf: allroadsd") {
		t.Errorf("%v: %s", err, said)
	}
}

// TestBPFLeft: a program that outlives the run goes on to be converted.
func TestBPFLeft(t *testing.T) {
	needBPF(t)
	out, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("/bin/allroads", "run", "-q", "--strategy", "bpf", "--", "/bin/sh", "-c", os.Args[0]+" & exit 0")
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"OPEN=500ms", "PATH=/bin"}, theirs, os.Stderr
	err = cmd.Run()
	theirs.Close()
	if err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 100)
	n, _ := out.Read(said)
	if string(said[:n]) != "262 <nil>\n" {
		t.Errorf("%q", said[:n])
	}
	runs(t) // which cleans up
	nothingLeft(t)
}

func nothingLeft(t *testing.T) {
	t.Helper()
	own, err := cgroup.Own()
	if err != nil {
		t.Fatal(err)
	}
	groups, _ := filepath.Glob(filepath.Join(own, "allroads-*"))
	pins, _ := filepath.Glob("/sys/fs/bpf/*/*")
	if len(groups)+len(pins) > 0 {
		t.Errorf("left behind: %v %v", groups, pins)
	}
}
