package cli_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// webUnit has words of all kinds that systemd replaces, and tells systemd itself that
// it is ready, and what its socket is.
const webUnit = `[Unit]
DefaultDependencies=no
[Service]
Type=notify
Environment=MORE="a b"
ExecStart=@/usr/bin/python3 "named web" /opt/job/web.py $MORE ${MORE} %n $$HOME \; end
`

const webProgram = `import os, signal, socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 8080)); s.listen()
n = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); n.connect(os.environ["NOTIFY_SOCKET"])
signal.signal(signal.SIGHUP, lambda *_: n.send(b"STATUS=hung up"))
ignored = [line.split()[1] for line in open("/proc/self/status") if line.startswith("SigIgn")][0]
n.send(b"READY=1\nSTATUS=protocol %d ignoring %s" % (s.getsockopt(1, 38), ignored.encode()))
while True: time.sleep(100)
`

const jobUnit = `[Unit]
DefaultDependencies=no
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /opt/job/job.sh
`

// sandboxes are settings of units, a line each, under which an enabled service starts.
const sandboxes = `User=nobody\nSystemCallFilter=@system-service\nMemoryDenyWriteExecute=yes
SystemCallFilter=~@debug @mount\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\nRestrictAddressFamilies=AF_INET AF_UNIX
PrivateUsers=yes\nNoExecPaths=/\nExecPaths=/usr/bin /usr/lib /lib /lib64
DynamicUser=yes\nProtectProc=invisible
User=nobody\nProtectProc=invisible\nProcSubset=pid
PrivateTmp=yes\nProtectSystem=strict\nProtectHome=yes\nNoNewPrivileges=yes\nPrivateDevices=yes\nLockPersonality=yes\nRestrictNamespaces=yes\nRestrictRealtime=yes\nSystemCallArchitectures=native
`

// TestUnderSystemd boots systemd and enables a service there.
func TestUnderSystemd(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a systemd of its own takes root")
	}
	t.Parallel()
	said := bootSystemd(t, map[string]string{"web.service": webUnit, "job.service": jobUnit, "job.target": "[Unit]\nDefaultDependencies=no\nRequires=job.service\n"})
	lines := strings.Split(strings.TrimSpace(said), "\n")
	const words = "named web|/opt/job/web.py|a|b|a b|web.service|$HOME|;|end|"
	ignoring := " ignoring 0000000001001000"
	want := []string{
		"plain: active, protocol 6" + ignoring + ", web.service - - - - - not enabled",
		"enabled: active, protocol 262" + ignoring + ", web.service notify 3 1 0 0 ok",
		"main process: " + words,
		"status: hung up",
		"stopped by control-group: 0 inactive success",
		"stopped by mixed: 0 inactive success",
		"stopped by process: 0 inactive success",
	}
	for line := range strings.Lines(sandboxes) {
		want = append(want, strings.TrimSpace(line)+", before protocol 6"+ignoring+": active, protocol 262"+ignoring+", web.service notify 3 1 0 0 ok")
	}
	want = append(want, "disabled: active, protocol 6"+ignoring+", web.service - - - - - not enabled", "done")
	for i := range max(len(want), len(lines)) {
		if i >= len(want) || i >= len(lines) || lines[i] != want[i] {
			t.Errorf("line %d is not as wanted:\n%s\nwanted:\n%s", i+1, said, strings.Join(want, "\n"))
			break
		}
	}
}

// bootSystemd boots the systemd of this machine with some units, and returns what the
// job said.
func bootSystemd(t *testing.T, units map[string]string) string {
	t.Helper()
	for _, program := range []string{"/lib/systemd/systemd", "/usr/bin/python3", "systemctl", "unshare", "pivot_root", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			netnstest.Missing(t, err.Error())
		}
	}
	path := program(t)
	work := filepath.Dir(path)
	job := filepath.Join(work, "job")
	must(t, os.MkdirAll(job, 0o755))
	must(t, os.MkdirAll(filepath.Join(work, "units"), 0o755))
	must(t, os.Rename(path, filepath.Join(job, "allroads")))
	script, err := os.ReadFile("testdata/systemd-job.sh")
	must(t, err)
	for name, text := range map[string]string{"job.sh": string(script), "web.py": webProgram, "sandboxes": sandboxes} {
		must(t, os.WriteFile(filepath.Join(job, name), []byte(text), 0o755))
	}
	for name, text := range units {
		must(t, os.WriteFile(filepath.Join(work, "units", name), []byte(text), 0o644))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup", "--kill-child", "bash", "testdata/systemd.sh", work)
	group := ownCgroup(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(group.Fd())}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // The exit code is systemd's.
	said, err := os.ReadFile(filepath.Join(job, "said"))
	if os.IsNotExist(err) {
		netnstest.Missing(t, "systemd in namespaces of its own: "+out.String())
	}
	must(t, err)
	return string(said)
}

// ownCgroup makes a cgroup of version 2, which is removed at the end.
func ownCgroup(t *testing.T) *os.File {
	t.Helper()
	parent := "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(parent, "cgroup.procs")); err != nil {
		parent = "/sys/fs/cgroup/unified" // beside version 1
	}
	path, err := os.MkdirTemp(parent, "allroads-test-")
	if err != nil {
		netnstest.Missing(t, "a cgroup of its own: "+err.Error())
	}
	t.Cleanup(func() {
		eventually(t, "the cgroup can be removed", func() bool {
			removeGroups(path)
			_, err := os.Stat(path)
			return os.IsNotExist(err)
		})
	})
	group, err := os.OpenFile(path, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { group.Close() })
	return group
}

func removeGroups(path string) {
	entries, _ := os.ReadDir(path)
	for _, entry := range entries {
		if entry.IsDir() {
			removeGroups(filepath.Join(path, entry.Name()))
		}
	}
	_ = unix.Rmdir(path)
}
