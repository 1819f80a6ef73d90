// Package packaging_test builds, installs and removes the packages.
package packaging_test

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/unit/systemdtest"

	"github.com/google/go-cmp/cmp"
)

//go:embed testdata/job.sh
var job string

// said is what the job says of the use of each kind of packages.
//
//go:embed testdata/said
var said string

// TestPackages installs the packages under a systemd, which runs the daemon.
func TestPackages(t *testing.T) {
	if os.Geteuid() != 0 || testing.Short() {
		t.Skip("a systemd of its own takes root, and some time")
	}
	t.Parallel()
	need(t, "dpkg", "rpm", "setpriv", "gzip", "ps")
	m := systemdtest.Machine{Folder: t.TempDir(), Job: job}
	if out, err := exec.Command("./build", m.Opt(), "1.2.3").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Run("contents", func(t *testing.T) { contents(t, m.Opt()) })
	want := strings.ReplaceAll(said, "KIND", "deb") + "removed: inactive, 0 endpoints, allroads.yaml\nremoved: inactive, 0 endpoints\n" +
		strings.ReplaceAll(said, "KIND", "rpm") + "removed: inactive, 0 endpoints\ndone\n"
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(m.Boot(t), "\n")); diff != "" {
		t.Error(diff)
	}
}

// contents: both kinds of packages have the same files, but for zsh's folder.
func contents(t *testing.T, folder string) {
	lists := map[string][]string{}
	for kind, list := range map[string][]string{"deb": {"sh", "-c", `for p in *.deb; do dpkg-deb --fsys-tarfile $p | tar t; done`}, "rpm": {"sh", "-c", "rpm -qlp *.rpm 2>/dev/null"}} {
		cmd := exec.Command(list[0], list[1:]...)
		cmd.Dir = folder
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for line := range strings.Lines(string(out)) {
			path := filepath.Clean("/" + strings.TrimSpace(line))
			if filepath.Ext(path) != "" && !strings.HasSuffix(path, ".d") {
				lists[kind] = append(lists[kind], strings.Replace(path, "vendor-completions", "site-functions", 1))
			}
		}
	}
	if diff := cmp.Diff(lists["deb"], lists["rpm"]); diff != "" || len(lists["deb"]) < 30 {
		t.Errorf("%d files: %s", len(lists["deb"]), diff)
	}
}

// TestExposure has systemd judge the unit: 2.0 at most.
func TestExposure(t *testing.T) {
	need(t, "systemd-analyze")
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=20", "allroadsd.service").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Overall exposure level") {
		t.Errorf("%v: %s", err, out)
	}
}

func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			netnstest.Missing(t, err.Error())
		}
	}
}
