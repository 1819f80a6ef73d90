package programs

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
)

// text is what a program has written up to now.
type text struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (t *text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes.Write(b)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes.String()
}

// outcome is what there is to see of a program from outside.
type outcome struct {
	code     int // 128 and the signal's number, if one has killed it
	out, err string
}

// end waits for a program, having told a server to end.
func (r *running) end() outcome {
	r.Helper()
	if r.port != 0 && !r.ends {
		_ = r.Process.Signal(unix.SIGTERM) // It may have ended.
	}
	late := time.AfterFunc(patience, func() { unix.Kill(-r.Process.Pid, unix.SIGKILL) })
	defer late.Stop()
	<-r.exited
	status := r.ProcessState.Sys().(syscall.WaitStatus)
	code := status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return outcome{code, r.out.String(), reported.ReplaceAllString(r.err.String(), "")}
}

// reported is what allroads says when it is asked.
var reported = regexp.MustCompile(`(?m)^allroads run: .*\n(  .*\n)*`)

// said reports whether allroads has answered.
func (r *running) said() bool { return reported.MatchString(r.err.String()) }

func (r *running) hasExited() bool {
	select {
	case <-r.exited:
		return true
	default:
		return false
	}
}

func (r *running) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// read reads the report of allroads.
func (r *running) read() (report convert.Report) {
	r.Helper()
	text, err := os.ReadFile(r.report)
	r.must(err)
	if err := json.Unmarshal(text, &report); err != nil {
		r.Fatalf("report: %v in %q; allroads says %s", err, text, &r.err)
	}
	return report
}

// constant takes out of what was printed what is different each time.
func (o *outcome) constant(varies *regexp.Regexp) {
	if varies != nil {
		o.out, o.err = varies.ReplaceAllString(o.out, "*"), varies.ReplaceAllString(o.err, "*")
	}
}
