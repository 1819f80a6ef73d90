package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/hook"
)

// Exit codes of allroadsd.
const (
	exitYes    = 0
	exitUsage  = 2
	exitSystem = 3
)

// programVariable makes this test binary allroadsd.
const programVariable = "ALLROADSD_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// outcome is what a run of allroadsd came to.
type outcome struct {
	stdout, stderr string
	code           int
}

func allroadsd(t *testing.T, args ...string) outcome {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"--check here there":              `allroadsd: unknown command "here"`,
		"--check --schema":                "allroadsd: --check, --dry-run, --schema: one of them\n",
		"--log-level loud":                "allroadsd: --log-level loud: debug, info, warn or error\n",
		"nonsense":                        `allroadsd: unknown command "nonsense"`,
		"--nonsense":                      "allroadsd: unknown flag: --nonsense\n",
		"hook":                            "allroadsd hook: --cgroup DIR or --probe is needed\n",
		"hook --nonsense":                 "allroadsd hook: unknown flag: --nonsense\n",
		"hook --cgroup":                   "allroadsd hook: flag needs an argument: --cgroup\n",
		"hook here":                       `allroadsd hook: unexpected argument "here"`,
		"hook --probe --pin":              "allroadsd hook: --probe takes no other flag\n",
		"hook --pin --unpin --cgroup /x/": "allroadsd hook: --pin and --unpin: one or the other\n",
	} {
		got := allroadsd(t, strings.Fields(args)...)
		if got.code != exitUsage || got.stdout != "" || !strings.HasPrefix(got.stderr, want) || !strings.Contains(got.stderr, "--help") {
			t.Errorf("allroadsd %s: %+v, want %q", args, got, want)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, want := range map[string]string{"--version": "allroadsd version ", "--help": "  hook ", "hook --help": "--cgroup DIR"} {
		if got := allroadsd(t, strings.Fields(args)...); got.code != exitYes || got.stderr != "" || !strings.Contains(got.stdout, want) {
			t.Errorf("allroadsd %s: %+v, want %q", args, got, want)
		}
	}
}

// TestProbe: the exit code and the words are those of the package.
func TestProbe(t *testing.T) {
	got := allroadsd(t, "hook", "--probe")
	err := hook.Probe()
	if err != nil {
		if !errors.Is(err, hook.ErrNotSupported) && !errors.Is(err, hook.ErrSwitchedOff) {
			t.Errorf("Probe: %v", err)
		}
		if got.code != exitSystem || got.stdout != "" || got.stderr != "allroadsd hook: probe: "+err.Error()+"\n" {
			t.Errorf("allroadsd hook --probe: %+v, while Probe says %v", got, err)
		}
		return
	}
	var r report
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || r.Hook != "works" || r.Version != 1 || got.code != exitYes {
		t.Errorf("allroadsd hook --probe: %+v: %v", got, err)
	}
}

// TestNoCgroup: what cannot be attached to is said in one line, with exit code 3.
func TestNoCgroup(t *testing.T) {
	for _, dir := range []string{"/none/such", "/proc"} {
		got := allroadsd(t, "hook", "--cgroup", dir)
		if got.code != exitSystem || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 ||
			!strings.HasPrefix(got.stderr, "allroadsd hook: attach to cgroup "+dir+": ") {
			t.Errorf("allroadsd hook --cgroup %s: %+v", dir, got)
		}
	}
}
