// Package systemdtest boots the systemd of this machine for a test, in namespaces of its
// own and over files that are not kept.
package systemdtest

import (
	"bytes"
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

//go:embed boot.sh
var script string

const jobUnit = `[Unit]
DefaultDependencies=no
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /opt/job/job.sh
`

const jobTarget = "[Unit]\nDefaultDependencies=no\nRequires=job.service\n"

// Machine is a system that does one job and ends.
type Machine struct {
	Folder string            // of the test's own, on a disk
	Units  map[string]string // in /etc/systemd/system, where nothing else is
	Files  map[string]string // in /opt/job, with what else is in Opt; all are programs
	Job    string            // shell commands; what they print to standard output is what is said
}

// Opt is the folder that is /opt/job in the machine.
func (m Machine) Opt() string { return filepath.Join(m.Folder, "job") }

// Boot boots the machine, which takes root, and returns what the job said.
func (m Machine) Boot(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"/lib/systemd/systemd", "systemctl", "unshare", "pivot_root", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			netnstest.Missing(t, err.Error())
		}
	}
	m.write(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup", "--kill-child",
		"bash", "-c", script, "bash", m.Folder)
	group := ownCgroup(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(group.Fd())}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // The exit code is systemd's.
	said, err := os.ReadFile(filepath.Join(m.Opt(), "said"))
	if os.IsNotExist(err) {
		netnstest.Missing(t, "systemd in namespaces of its own: "+out.String())
	}
	must(t, err)
	return string(said)
}

func (m Machine) write(t *testing.T) {
	t.Helper()
	units := filepath.Join(m.Folder, "units")
	must(t, os.MkdirAll(m.Opt(), 0o755))
	must(t, os.MkdirAll(units, 0o755))
	must(t, os.WriteFile(filepath.Join(units, "job.service"), []byte(jobUnit), 0o644))
	must(t, os.WriteFile(filepath.Join(units, "job.target"), []byte(jobTarget), 0o644))
	for name, text := range m.Units {
		must(t, os.WriteFile(filepath.Join(units, name), []byte(text), 0o644))
	}
	job := "export PATH=/opt/job:/usr/sbin:/usr/bin:/sbin:/bin\nexec > /opt/job/said 2>&1\nip link set lo up\n" + m.Job
	must(t, os.WriteFile(filepath.Join(m.Opt(), "job.sh"), []byte(job), 0o755))
	for name, text := range m.Files {
		must(t, os.WriteFile(filepath.Join(m.Opt(), name), []byte(text), 0o755))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
