package lifetest_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// racing: this program checks itself for data races.
var racing bool

// usage is what a process holds, and how often it has woken up.
type usage struct {
	files, threads      int
	resident, anonymous int // kB
	switches            int // of all its threads
}

func (u usage) String() string {
	return fmt.Sprintf("%d files, %d threads, %d kB resident of which %d kB anonymous, %d switches", u.files, u.threads, u.resident, u.anonymous, u.switches)
}

// usageOf asks the kernel.
func usageOf(t *testing.T, pid int) (u usage) {
	t.Helper()
	process := fmt.Sprintf("/proc/%d", pid)
	files, err := os.ReadDir(process + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	threads, err := filepath.Glob(process + "/task/*/status")
	if err != nil {
		t.Fatal(err)
	}
	u.files, u.threads = len(files), len(threads)
	for _, thread := range threads {
		u.switches += field(t, thread, "voluntary_ctxt_switches") + field(t, thread, "nonvoluntary_ctxt_switches")
	}
	u.resident, u.anonymous = field(t, process+"/status", "VmRSS"), field(t, process+"/status", "RssAnon")
	return u
}

// field is a number of /proc/PID/status.
func field(t *testing.T, path, name string) (value int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		return 0 // The thread is gone.
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if after, ok := strings.CutPrefix(lines.Text(), name+":"); ok {
			if _, err := fmt.Sscan(after, &value); err != nil {
				t.Fatalf("%s of %s: %v", name, path, err)
			}
			return value
		}
	}
	t.Fatalf("no %s in %s", name, path)
	return 0
}
