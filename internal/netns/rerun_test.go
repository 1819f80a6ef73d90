package netns_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// rerun starts itself again and does there what its first argument says.
func rerun(args []string) int {
	if !netns.Inside() {
		code, err := netns.Rerun()
		if err != nil {
			fmt.Println(err)
			return 99
		}
		return code
	}
	return inside[args[0]](args[1:])
}

var inside = map[string]func(args []string) int{
	"exit": func(args []string) int {
		code, _ := strconv.Atoi(args[0])
		return code
	},
	"kill": func([]string) int {
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
		return 0
	},
	"copy": func([]string) int {
		_, _ = io.Copy(os.Stdout, os.Stdin)
		fmt.Fprint(os.Stderr, "done")
		return 0
	},
	"arguments": func([]string) int {
		fmt.Printf("%q", os.Args)
		return 0
	},
	"identity": func([]string) int {
		ns, _ := here()
		fmt.Println(os.Getuid(), os.Getgid(), ns)
		return 0
	},
	"environment": func([]string) int {
		cmd := play("environment")
		cmd.Stdout = os.Stdout
		_ = cmd.Run()
		return 0
	},
	"signals": waitForSignal,
}

func printEnvironment([]string) int {
	fmt.Println("a child's:", strings.Join(os.Environ(), " "))
	return 0
}

// waitForSignal exits with the number of the first signal it gets.
func waitForSignal([]string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals)
	fmt.Println(os.Getpid())
	for s := range signals {
		if s != syscall.SIGURG { // What the Go runtime sends to itself.
			return int(s.(syscall.Signal))
		}
	}
	return 0
}

func TestRerunPassesTheExitCode(t *testing.T) {
	netnstest.Require(t)
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"exit", "0"}, 0},
		{[]string{"exit", "7"}, 7},
		{[]string{"exit", "255"}, 255},
		{[]string{"kill"}, 128 + int(unix.SIGKILL)},
	} {
		cmd := play("rerun", c.args...)
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.args, got, c.want)
		}
	}
}

func TestRerunPassesFilesAndArguments(t *testing.T) {
	netnstest.Require(t)
	copying := play("rerun", "copy")
	text := strings.Repeat("all roads lead to Rome\n", 10_000)
	var out, errs bytes.Buffer
	copying.Stdin, copying.Stdout, copying.Stderr = strings.NewReader(text), &out, &errs
	if err := copying.Run(); err != nil || out.String() != text || errs.String() != "done" {
		t.Errorf("%v: %d bytes of %d, standard error %q", err, out.Len(), len(text), errs.String())
	}
	args := play("rerun", "arguments", "a b", "", `"$x"`, "-test.v", "\xff")
	args.Args[0] = "a name of its own"
	if got, want := output(t, args), fmt.Sprintf("%q", args.Args); got != want {
		t.Errorf("arguments %s, want %s", got, want)
	}
}

func output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestRerunIsRootSomewhereElse(t *testing.T) {
	netnstest.Require(t)
	outside, err := here()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(output(t, play("rerun", "identity")))
	if len(got) != 3 || got[0] != "0" || got[1] != "0" || got[2] == outside {
		t.Errorf("uid, gid and namespace %v, want 0, 0 and not %s", got, outside)
	}
}

func TestRerunHidesItsMark(t *testing.T) {
	netnstest.Require(t)
	cmd := play("rerun", "environment")
	cmd.Env = append(cmd.Env, "KEPT=yes")
	got := output(t, cmd)
	if strings.Contains(got, "ALLROADS_IN_USERNS") || !strings.Contains(got, "KEPT=yes") {
		t.Errorf("environment %q, want KEPT and no mark", got)
	}
}

// startWaiting starts a process that waits for a signal inside of Rerun, and
// returns the inner process's number.
func startWaiting(t testing.TB) (outer *exec.Cmd, inner int) {
	t.Helper()
	outer = play("rerun", "signals")
	outer.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := outer.StdoutPipe()
	if err == nil {
		err = outer.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = outer.Process.Kill()
		_ = outer.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if inner, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return outer, inner
}

func TestRerunPassesSignals(t *testing.T) {
	netnstest.Require(t)
	for _, s := range []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2} {
		outer, inner := startWaiting(t)
		if err := outer.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		_ = outer.Wait()
		if got := outer.ProcessState.ExitCode(); got != int(s) {
			t.Errorf("%v: exit code %d, want %d", s, got, int(s))
		}
		eventually(t, func() error { return isGone(inner) })
	}
}

func TestRerunDiesWithTheOuter(t *testing.T) {
	netnstest.Require(t)
	outer, inner := startWaiting(t)
	if isGone(inner) == nil {
		t.Fatal("the inner process is not there")
	}
	if err := outer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = outer.Wait()
	eventually(t, func() error { return isGone(inner) })
}

// isGone fails while a process lives. One that nobody waits for is gone too.
func isGone(pid int) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := bytes.Cut(status, []byte(") "))
	if bytes.HasPrefix(rest, []byte("Z")) || bytes.HasPrefix(rest, []byte("X")) {
		return nil
	}
	return errors.New("process " + strconv.Itoa(pid) + " lives")
}

// TestRerunForbidden lets the kernel refuse, by the limits that root of a user
// namespace can set for what is made from it.
func TestRerunForbidden(t *testing.T) {
	netnstest.Require(t)
	if out, err := play("forbidden").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func forbidden([]string) int {
	if !netns.Inside() {
		code, err := netns.Rerun()
		if err != nil {
			fmt.Println(err)
			return 99
		}
		return code
	}
	err := errors.Join(forbiddenBy("user.max_net_namespaces"), newForbidden(), forbiddenBy("user.max_user_namespaces"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// forbiddenBy sets a limit to 0 and checks that Rerun names it.
func forbiddenBy(key string) error {
	path := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
	if err := os.WriteFile(path, []byte("0"), 0); err != nil {
		return err
	}
	_, err := netns.Rerun()
	var forbidden *netns.ForbiddenError
	if !errors.As(err, &forbidden) || forbidden.Setting != "sysctl "+key+"=0" ||
		!errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), key+"=0 forbids it") {
		return fmt.Errorf("with %s=0 Rerun = %w, want a ForbiddenError that names it", key, err)
	}
	return nil
}

func newForbidden() error {
	_, err := netns.New()
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "user.max_net_namespaces") {
		return fmt.Errorf("New = %w, want ENOSPC and the limit's name", err)
	}
	return nil
}
