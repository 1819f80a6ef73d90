package lab_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/lab"
)

// failVar makes TestArtifactSubject fail.
const failVar = "ALLROADS_LAB_TEST_FAIL"

// TestArtifactSubject is a test for TestArtifacts to run.
func TestArtifactSubject(t *testing.T) {
	network := lab.Start(t, lab.Value(twoPaths(t)))
	conn := echo(t, network, "client", "server", "10.0.0.1:7")
	if _, ok := roundTrip(t, conn, 1e9); !ok || os.Getenv(failVar) != "" {
		t.Error("asked to fail")
	}
}

// TestArtifacts: the packets of a failed test are kept, those of others are not.
func TestArtifacts(t *testing.T) {
	for fail, want := range map[string]int{"yes": 1, "": 0} {
		dir := t.TempDir()
		cmd := exec.Command("/proc/self/exe", "-test.run", "^TestArtifactSubject$", "-test.artifacts", "-test.outputdir", dir)
		cmd.Env = append(os.Environ(), failVar+"="+fail)
		out, err := cmd.CombinedOutput()
		if (err != nil) != (want == 1) {
			t.Fatalf("fail %q: %v\n%s", fail, err, out)
		}
		files, err := filepath.Glob(filepath.Join(dir, "_artifacts", "*", "*", "two-paths-*.pcapng"))
		if deeper, _ := filepath.Glob(filepath.Join(dir, "_artifacts", "*", "two-paths-*.pcapng")); deeper != nil {
			files = append(files, deeper...)
		}
		must(t, err)
		if len(files) != want {
			t.Errorf("fail %q: %d files are kept, want %d", fail, len(files), want)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), "ping") {
				t.Errorf("%s has no packet of the test, %v", file, err)
			}
		}
	}
}
