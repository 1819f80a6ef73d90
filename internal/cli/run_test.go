package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// each is how a program is run that is not told of MPTCP.
var each = []string{"notify", "trace"}

// running starts a shell under allroads run, and returns what it prints.
func running(t *testing.T, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	return bufio.NewReader(out)
}

func line(t *testing.T, from *bufio.Reader, want string) {
	t.Helper()
	if got, err := from.ReadString('\n'); got != want+"\n" {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
}

// TestRunSignals: signals reach the program, and one that kills it kills us as well, as
// whoever waits for us sees.
func TestRunSignals(t *testing.T) {
	for _, strategy := range each {
		cmd := exec.Command(program(t), "run", "-q", "--strategy", strategy, "--", "sh", "-c",
			`trap 'echo caught' TERM; echo ready; while :; do sleep 0.05; done`)
		out := running(t, cmd)
		line(t, out, "ready")
		for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM} {
			must(t, cmd.Process.Signal(s))
			line(t, out, "caught")
		}
		must(t, cmd.Process.Signal(syscall.SIGQUIT))
		status := waitStatus(t, cmd)
		if !status.Signaled() || status.Signal() != syscall.SIGQUIT {
			t.Errorf("%s: ended by %v", strategy, cmd.ProcessState)
		}
	}
}

func waitStatus(t *testing.T, cmd *exec.Cmd) syscall.WaitStatus {
	t.Helper()
	if err := cmd.Wait(); err == nil {
		t.Fatal("exit code 0")
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// TestRunEnds: a program that a signal kills, whichever, is told of by the same.
func TestRunEnds(t *testing.T) {
	// What the tests are started by may have these ignored, as nohup(1) has.
	ours := make(chan os.Signal, 1)
	signal.Notify(ours, syscall.SIGHUP, syscall.SIGINT)
	defer signal.Stop(ours)
	for _, signal := range []syscall.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGUSR1,
	} {
		cmd := exec.Command(program(t), "run", "-q", "--", "sh", "-c", "kill -"+unix.SignalName(signal)[3:]+" $$")
		must(t, cmd.Start())
		if status := waitStatus(t, cmd); !status.Signaled() || status.Signal() != signal {
			t.Errorf("%v: ended by %v", signal, cmd.ProcessState)
		}
	}
}

// TestRunReportSoFar: SIGUSR1 prints what is known, and the program goes on.
func TestRunReportSoFar(t *testing.T) {
	cmd := exec.Command(program(t), "run", "--", "sh", "-c", "echo ready; read _; exit 5")
	in, err := cmd.StdinPipe()
	must(t, err)
	said, err := cmd.StderrPipe()
	must(t, err)
	line(t, running(t, cmd), "ready")
	must(t, cmd.Process.Signal(syscall.SIGUSR1))
	errors := bufio.NewReader(said)
	line(t, errors, "allroads run: sh, by notify (seccomp user notification)")
	line(t, errors, "  sockets      0 seen, 0 made MPTCP")
	in.Close()
	if status := waitStatus(t, cmd); status.ExitStatus() != 5 {
		t.Errorf("ended by %v", cmd.ProcessState)
	}
}

// TestRunFiles: descriptors are the program's, and when it closes the end of a pipe, that
// end is closed.
func TestRunFiles(t *testing.T) {
	for _, strategy := range each {
		extra, theirs, err := os.Pipe()
		must(t, err)
		cmd := exec.Command(program(t), "run", "-q", "--strategy", strategy, "--", "sh", "-c",
			`echo by another >&3; exec >&- 3>&-; read _; exit 5`)
		cmd.ExtraFiles = []*os.File{theirs}
		in, err := cmd.StdinPipe()
		must(t, err)
		out := running(t, cmd)
		theirs.Close()
		if rest, err := io.ReadAll(extra); string(rest) != "by another\n" || err != nil {
			t.Errorf("%s: %q, %v", strategy, rest, err)
		}
		if rest, err := io.ReadAll(out); len(rest) != 0 || err != nil {
			t.Errorf("%s: %q, %v", strategy, rest, err)
		}
		in.Close()
		if status := waitStatus(t, cmd); status.ExitStatus() != 5 {
			t.Errorf("%s: ended by %v", strategy, cmd.ProcessState)
		}
	}
}

// TestRunIgnores: what was ignored stays so, as under nohup(1); what is asked for as well.
func TestRunIgnores(t *testing.T) {
	for _, mode := range [][]string{{"--strategy", "notify"}, {"--strategy", "trace"}, {"--exec"}} {
		words := slices.Concat([]string{"-c", `trap "" HUP INT; exec "$@"`, "sh", program(t), "run", "-q", "--ignore-signal", "PIPE"},
			mode, []string{"--", "grep", "SigIgn", "/proc/self/status"})
		out, err := exec.Command("sh", words...).CombinedOutput()
		must(t, err)
		if got := strings.TrimSpace(string(out)); got != "SigIgn:\t0000000000001003" {
			t.Errorf("%v: %q", mode, got)
		}
	}
}

// TestRunTerminal: job control works, as if there were nobody between shell and program.
func TestRunTerminal(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, strategy := range each {
		cmd := exec.Command(bash, "--norc", "--noprofile", "-i")
		cmd.Env = append(os.Environ(), "PS1=$ ", "HISTFILE=")
		cmd.SysProcAttr = &syscall.SysProcAttr{}
		s := (&labUser{t: t}).sitAt(cmd)
		s.types(program(t) + " run -q --strategy " + strategy + " -- sh -c 'trap \"echo ca''ught; exit 6\" INT; trap \"echo sav''ed; trap - TSTP; kill -TSTP \\$\\$\" TSTP; echo beg''un; until read x; do :; done; echo got $x; while :; do sleep 0.1; done'\n")
		s.sees("begun")
		s.types("\x1a")
		s.sees("saved") // as an editor restores the screen, before it stops
		s.sees("Stopped")
		s.types("fg\n")
		s.sees("fg")
		s.types("words\n")
		s.sees("got words")
		s.types("\x03")
		s.sees("caught")
		s.types("echo code $?; exit\n")
		s.sees("code 6")
		s.ends(0)
	}
}

// TestRunJSONIsDocumented looks for each field of the report in its documentation.
func TestRunJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/run-json.md")
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	path := filepath.Join(t.TempDir(), "report")
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	must(t, exec.Command(program(t), "run", "--report", path, "--", program(t), "nc", "-z", "127.0.0.1", port).Run())
	text, err := os.ReadFile(path)
	must(t, err)
	var report map[string]any
	must(t, json.Unmarshal(text, &report))
	names := map[string]bool{}
	collect(report, names, map[string]bool{})
	if len(names) < 25 {
		t.Errorf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("field %s is not documented", name)
		}
	}
}

// TestReadmeRun: what the README shows of a run is what the how-to, which is followed,
// shows.
func TestReadmeRun(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	must(t, err)
	page, err := os.ReadFile("../../docs/how-to/run.md")
	must(t, err)
	_, block, found := strings.Cut(string(readme), "<!-- run -->\n```\n$ allroads run -- curl ")
	block, _, closed := strings.Cut(block, "```\n")
	_, block, shown := strings.Cut(block, "\n")
	if !found || !closed || !shown || !strings.Contains(block, "2 subflows") || !strings.Contains(string(page), block) {
		t.Errorf("the README shows %q", block)
	}
}
