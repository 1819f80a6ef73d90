package notify_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// background checks that a process of ours in the background has nothing of anybody's, and
// cannot be ended by those who end the program.
func background(t *testing.T, pid int) {
	t.Helper()
	own := fmt.Sprintf("/proc/%d/", pid)
	if session, _ := unix.Getsid(pid); session == selfSession() {
		t.Errorf("process %d is in our session", pid)
	}
	if cwd, _ := os.Readlink(own + "cwd"); cwd != "/" {
		t.Errorf("process %d is in %s", pid, cwd)
	}
	if env, err := os.ReadFile(own + "environ"); err != nil || len(env) > 0 {
		t.Errorf("environment %q, %v", env, err)
	}
	links, _ := filepath.Glob(own + "fd/*")
	for _, link := range links {
		target, _ := os.Readlink(link)
		if n, _ := strconv.Atoi(filepath.Base(link)); n < 3 && target != "/dev/null" || target == "/dev/zero" {
			t.Errorf("descriptor %d is %s", n, target)
		}
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		syscall.Kill(pid, s)
	}
	time.Sleep(20 * time.Millisecond)
	if err := syscall.Kill(pid, 0); err != nil {
		t.Errorf("process %d: %v after signals that it ignores", pid, err)
	}
}

func selfSession() int {
	session, _ := unix.Getsid(0)
	return session
}

// settled waits until a process has closed what it has inherited, ignores signals, and
// hears SIGUSR1 if it is one that reports.
func settled(t *testing.T, pid int, reports bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		zero := false
		for _, link := range links {
			target, _ := os.Readlink(link)
			zero = zero || target == "/dev/zero"
		}
		if len(links) > 0 && !zero && signalSet(pid, "SigIgn")&(1<<(syscall.SIGTERM-1)) != 0 {
			if reports {
				time.Sleep(100 * time.Millisecond) // That it is heard shows nowhere.
			}
			return
		}
	}
	t.Errorf("process %d has what it inherited, or minds signals", pid)
}

// signalSet reads one of the sets of proc(5), /proc/pid/status.
func signalSet(pid int, name string) (set uint64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\n"+name+":\t")
	line, _, _ := strings.Cut(rest, "\n")
	set, _ = strconv.ParseUint(line, 16, 64)
	return set
}

// TestBackground: the standby of run, and supervisor and standby of exec. The supervisor
// of exec reports when asked to, is killed, and the program goes on.
func TestBackground(t *testing.T) {
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report")
	for _, role := range [][]string{{"test-run"}, {"test-exec", report}} {
		words := append([]string{"as", file}, role...)
		cmd := self(t, append(words, program(t), "threads", "2", "1.5", "262")...)
		cmd.Path, cmd.Args[0] = program(t), "program"
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		supervisor := cmd.Process.Pid
		if len(role) == 2 {
			supervisor = named(t, "--report="+report)
			settled(t, supervisor, true)
			background(t, supervisor)
			syscall.Kill(supervisor, syscall.SIGUSR1)
			if text := await(t, report); !strings.Contains(text, `"converted":`) {
				t.Errorf("report %s", text)
			}
		}
		standby := standbyOf(t, supervisor)
		settled(t, standby, false)
		background(t, standby)
		syscall.Kill(supervisor, syscall.SIGKILL)
		_ = cmd.Wait()
		if !strings.HasPrefix(out.String(), "opened ") {
			t.Errorf("%v: %s", role, &out)
		}
		gone(t, standby)
	}
}

// named waits for the supervisor that has a word.
func named(t testing.TB, word string) int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range files {
			line, _ := os.ReadFile(file)
			if bytes.Contains(line, []byte("\x00program\x00")) && bytes.Contains(line, []byte(word)) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
				return pid
			}
		}
	}
	t.Fatalf("there is no supervisor with %s", word)
	return 0
}
