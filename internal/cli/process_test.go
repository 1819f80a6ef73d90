package cli_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is this test program in a place where anybody can run it, as
// allroads.
func program(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "allroads-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(folder, "allroads")
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// nobody is a user without rights.
const nobody = 65534

// users are those to run a command as: root and an ordinary one, where root
// runs the tests; else whoever does.
func users() map[string]*syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return map[string]*syscall.SysProcAttr{"user": {}}
	}
	return map[string]*syscall.SysProcAttr{
		"root": {},
		"user": {Credential: &syscall.Credential{Uid: nobody, Gid: nobody}},
	}
}

// alive lists the processes that run a program.
func alive(t *testing.T, path string) (pids []string) {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if target, err := os.Readlink(entry); err == nil && target == path {
			pids = append(pids, entry)
		}
	}
	return pids
}

func waitGone(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if len(alive(t, path)) == 0 {
			return
		}
	}
	t.Errorf("still there: %v", alive(t, path))
}

func namespaceNames(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("/run/netns/two-paths-*")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestAnyUser(t *testing.T) {
	path := program(t)
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(path, "demo", "-q")
			cmd.Dir, cmd.SysProcAttr = "/", attributes
			out, err := cmd.CombinedOutput()
			if err != nil || string(out) != "PROVEN: 1 connection, 2 subflows over 2 paths\n" {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestKill kills demos at random moments: nothing is left.
func TestKill(t *testing.T) {
	path := program(t)
	before := namespaceNames(t)
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			for range 40 {
				// Half of them get as far as keeping hosts, if they live.
				args := []string{"demo", "-q", "--bulk", "30s"}
				if rand.IntN(2) == 0 {
					args = []string{"demo", "-q", "--keep"}
				}
				cmd := exec.Command(path, args...)
				var out bytes.Buffer
				cmd.Dir, cmd.SysProcAttr, cmd.Stdout = "/", attributes, &out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(rand.IntN(120_000)) * time.Microsecond)
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				removeKept(out.String(), attributes)
			}
			// The next run cleans up what one has left that was killed while it
			// named its hosts.
			cmd := exec.Command(path, "demo", "-q")
			cmd.Dir, cmd.SysProcAttr = "/", attributes
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, text)
			}
			waitGone(t, path)
			if after := namespaceNames(t); after != before {
				t.Errorf("namespaces %s, before %s", after, before)
			}
		})
	}
}

// removeKept removes hosts that a demo has kept before it was killed.
func removeKept(out string, attributes *syscall.SysProcAttr) {
	if _, remove := keptCommands(out); remove != "" {
		sh := exec.Command("sh", "-c", remove)
		sh.Dir, sh.SysProcAttr = "/", attributes
		_ = sh.Run()
	}
}

// TestInterrupt ends demos as Ctrl-C and kill(1) do: at once, saying so.
func TestInterrupt(t *testing.T) {
	path := program(t)
	for name, attributes := range users() {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+"-"+sig.String(), func(t *testing.T) {
				cmd := exec.Command(path, "demo", "--bulk", "30s")
				var stderr bytes.Buffer
				cmd.Dir, cmd.SysProcAttr, cmd.Stderr = "/", attributes, &stderr
				stdout, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				awaitText(t, stdout, "ncat 10.0.0.1")
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				if got := cmd.ProcessState.ExitCode(); got != 128+int(sig) || stderr.String() != "allroads: interrupted\n" {
					t.Errorf("exit code %d and %q", got, &stderr)
				}
				waitGone(t, path)
			})
		}
	}
}

// awaitText reads until a text has come.
func awaitText(t *testing.T, r io.Reader, text string) {
	t.Helper()
	var seen []byte
	buffer := make([]byte, 4096)
	for !bytes.Contains(seen, []byte(text)) {
		n, err := r.Read(buffer)
		seen = append(seen, buffer[:n]...)
		if err != nil {
			t.Fatalf("%v after %q", err, seen)
		}
	}
}

// TestClosedPipe has nobody read the output, as `| head` does.
func TestClosedPipe(t *testing.T) {
	path := program(t)
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd := exec.Command(path, "demo")
			cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = "/", attributes, w, &stderr
			r.Close()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			_ = cmd.Wait()
			if stderr.Len() != 0 {
				t.Errorf("it says %q", &stderr)
			}
			waitGone(t, path)
		})
	}
}

// TestKeep keeps hosts, enters and removes them with the commands it prints.
func TestKeep(t *testing.T) {
	path := program(t)
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(path, "demo", "-q", "--keep")
			cmd.Dir, cmd.SysProcAttr = "/", attributes
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			enter, remove := keptCommands(string(out))
			shell := func(command string) string {
				sh := exec.Command("sh", "-c", command)
				sh.Dir, sh.SysProcAttr = "/", attributes
				text, err := sh.CombinedOutput()
				if err != nil {
					t.Errorf("%s: %v: %s", command, err, text)
				}
				return string(text)
			}
			defer waitGone(t, path)
			defer shell(remove)
			if links := shell("echo cat /proc/net/dev | " + enter); !strings.Contains(links, "red-client") {
				t.Errorf("`%s` sees\n%s", enter, links)
			}
		})
	}
}

func keptCommands(out string) (enter, remove string) {
	for line := range strings.Lines(out) {
		if rest, found := strings.CutPrefix(line, "  enter client "); found {
			enter = strings.TrimSpace(rest)
		}
		if rest, found := strings.CutPrefix(line, "  remove them "); found {
			remove = strings.TrimSpace(rest)
		}
	}
	return enter, remove
}
