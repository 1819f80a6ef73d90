package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"syscall"
	"testing"
)

// TestConnsWatchCut ends a watch while it writes lines that are longer than a pipe
// holds: each that came with its end is whole, and what came without is no JSON.
func TestConnsWatchCut(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := buildLab(t, manyLab)
		l.many(t, 60)
		for name, cut := range map[string]struct {
			end  func(w *watching, out *os.File)
			code int
			said string
		}{
			"reader closes": {func(_ *watching, out *os.File) { out.Close() }, 128 + int(syscall.SIGPIPE), ""},
			"killed":        {func(w *watching, _ *os.File) { _ = w.cmd.Process.Kill() }, 128 + int(syscall.SIGKILL), ""},
			"interrupted":   {func(w *watching, _ *os.File) { _ = w.cmd.Process.Signal(os.Interrupt) }, 128 + int(syscall.SIGINT), "allroads: interrupted\n"},
		} {
			t.Run(name, func(t *testing.T) {
				w, out := l.watchInto(t)
				lines := bufio.NewReader(out)
				for range 3 {
					whole(t, lines)
				}
				rest, err := lines.Peek(4096) // The next one has begun.
				must(t, err)
				if bytes.ContainsRune(rest, '\n') {
					t.Fatalf("a look is only %d bytes", bytes.IndexByte(rest, '\n'))
				}
				cut.end(w, out)
				for err == nil && name != "reader closes" {
					err = whole(t, lines)
				}
				_ = w.cmd.Wait()
				if code := exitCodeOf(w.cmd.Cmd); code != cut.code || w.said.String() != cut.said {
					t.Errorf("exit code %d and %q, want %d and %q", code, &w.said, cut.code, cut.said)
				}
				if name == "interrupted" && err != io.EOF {
					t.Errorf("who interrupts it, gets %v at the end", err)
				}
			})
		}
	})
}

// watchInto watches the client with a pipe that this test may close.
func (l *connsLab) watchInto(t *testing.T) (*watching, *os.File) {
	t.Helper()
	out, in, err := os.Pipe()
	must(t, err)
	w := &watching{t: t, cmd: l.Host("client").Command(l.path, "conns", "--watch", "10ms", "--json")}
	w.cmd.Stdout, w.cmd.Stderr = in, &w.said
	must(t, w.cmd.Start())
	in.Close()
	t.Cleanup(func() { out.Close(); _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	return w, out
}

// whole reads a line; one with its end is JSON of all connections, one without is
// none, and io.ErrUnexpectedEOF.
func whole(t *testing.T, lines *bufio.Reader) error {
	t.Helper()
	line, err := lines.ReadBytes('\n')
	if err != nil && len(line) == 0 {
		return err
	}
	var look struct{ Connections []struct{ Subflows []any } }
	failed := json.Unmarshal(line, &look)
	switch {
	case err != nil && failed == nil:
		t.Errorf("%d bytes without an end of line are JSON", len(line))
	case err != nil:
		return io.ErrUnexpectedEOF
	case failed != nil || len(look.Connections) != 120:
		t.Errorf("%d bytes, %d connections: %v", len(line), len(look.Connections), failed)
	}
	return nil
}
