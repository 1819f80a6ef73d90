package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/unit/systemdtest"
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
	if _, err := exec.LookPath("/usr/bin/python3"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	path := program(t)
	script, err := os.ReadFile("testdata/systemd-job.sh")
	must(t, err)
	m := systemdtest.Machine{
		Folder: filepath.Dir(path),
		Units:  map[string]string{"web.service": webUnit},
		Files:  map[string]string{"web.py": webProgram, "sandboxes": sandboxes},
		Job:    string(script),
	}
	must(t, os.Mkdir(m.Opt(), 0o755))
	must(t, os.Rename(path, filepath.Join(m.Opt(), "allroads")))
	said := m.Boot(t)
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
