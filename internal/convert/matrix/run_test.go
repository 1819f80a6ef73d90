package matrix

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
	"allroads/lab"
)

// patience is for what should not take long.
const patience = 30 * time.Second

// job is a program to be run under allroads.
type job struct {
	host     *lab.Host
	user     user
	strategy convert.Strategy // empty: automatic
	flags    []string         // more of `allroads run`
	program  []string
	text     bool // the report is to be printed, not written
}

// running is a job that has been started.
type running struct {
	*testing.T
	*lab.Command
	input  *os.File
	lines  chan string
	said   string // the file of its standard error, which a pipe would have to be closed by all
	report string
}

// start starts it with pipes: what it still runs when the test ends is killed.
func (j job) start(t *testing.T) *running {
	t.Helper()
	r := &running{T: t, lines: make(chan string, 100), report: file(t, "report.json"), said: file(t, "said")}
	words := []string{"run"}
	if !j.text {
		words = append(words, "--report", r.report)
	}
	if j.strategy != "" {
		words = append(words, "--strategy", string(j.strategy))
	}
	words = slices.Concat(words, j.flags, []string{"--"}, j.program)
	r.Command = j.host.Command(program(t, "allroads"), words...)
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	j.user.become(r.Cmd)
	stdin, input, err := os.Pipe()
	r.must(err)
	output, stdout, err := os.Pipe()
	r.must(err)
	said, err := os.Create(r.said)
	r.must(err)
	r.input, r.Stdin, r.Stdout, r.Stderr = input, stdin, stdout, said
	err = r.Start()
	stdin.Close()
	stdout.Close()
	said.Close()
	t.Cleanup(func() { input.Close(); output.Close() })
	r.must(err)
	t.Cleanup(func() {
		if t.Failed() || r.ProcessState == nil {
			unix.Kill(-r.Process.Pid, unix.SIGKILL)
		}
	})
	go r.read(output)
	return r
}

// run is a job from its start to its end.
func (j job) run(t *testing.T) outcome {
	t.Helper()
	return j.start(t).all()
}

// plain runs a program without allroads, and returns what it prints.
func (j job) plain(t *testing.T) []string {
	t.Helper()
	command := j.host.Command(j.program[0], j.program[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{}
	j.user.become(command.Cmd)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", j.program, err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
