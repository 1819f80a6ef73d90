package matrix

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
)

func (r *running) read(output io.Reader) {
	for scanner := bufio.NewScanner(output); scanner.Scan(); {
		r.lines <- scanner.Text()
	}
	close(r.lines)
}

func (r *running) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// next is the next line that the program prints.
func (r *running) next() string {
	r.Helper()
	select {
	case line, more := <-r.lines:
		if !more {
			r.await()
			r.Fatalf("the program prints no more; allroads says: %s", r.words())
		}
		return line
	case <-time.After(patience):
		r.Fatal("the program prints nothing")
	}
	return ""
}

// expect demands lines.
func (r *running) expect(lines ...string) {
	r.Helper()
	for _, want := range lines {
		if got := r.next(); got != want {
			r.Fatalf("the program prints %q, not %q", got, want)
		}
	}
}

// words are what allroads says.
func (r *running) words() string {
	text, err := os.ReadFile(r.said)
	r.must(err)
	return strings.TrimSpace(string(text))
}

// say writes a line to the program.
func (r *running) say(line string) {
	r.Helper()
	_, err := io.WriteString(r.input, line+"\n")
	r.must(err)
}

// look has allroads look at all connections now, and say what it sees.
func (r *running) look() error {
	if err := unix.Kill(r.Process.Pid, unix.SIGUSR1); err != nil {
		return err
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(r.words(), "allroads run: ") {
			return nil
		}
	}
	return errors.New("allroads says nothing at SIGUSR1: " + r.words())
}

// outcome is how it has ended.
type outcome struct {
	code   int // 128 and the signal's number, if one has killed it
	lines  []string
	said   string
	report convert.Report // empty if none was written
}

// await waits for the end of allroads, whose input stays open.
func (r *running) await() {
	late := time.AfterFunc(patience, func() { unix.Kill(-r.Process.Pid, unix.SIGKILL) })
	defer late.Stop()
	_ = r.Wait() // Its error is the exit code.
}

// end closes the program's input, and waits for allroads.
func (r *running) end() (o outcome) {
	r.Helper()
	r.input.Close()
	r.await()
	status := r.ProcessState.Sys().(syscall.WaitStatus)
	if o.code = status.ExitStatus(); status.Signaled() {
		o.code = 128 + int(status.Signal())
	}
	o.said = r.words()
	text, err := os.ReadFile(r.report)
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &o.report)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.Errorf("report: %v in %s", err, text)
	}
	return o
}

// all waits, too, for what the program prints.
func (r *running) all() outcome {
	r.Helper()
	o := r.end()
	for line := range r.lines {
		o.lines = append(o.lines, line)
	}
	return o
}
