package rewrite_test

import (
	"bufio"
	"os"
	"testing"

	"allroads/internal/rewrite"
	"allroads/internal/tally"
)

// started is a program under the tracer that waits for the end of its input.
type started struct {
	*rewrite.Process
	counts *tally.Tally
	in     *os.File
	out    *bufio.Reader
}

func start(t testing.TB, argv ...string) *started {
	t.Helper()
	return startWith(t, rewrite.Options{}, argv...)
}

func startWith(t testing.TB, o rewrite.Options, argv ...string) *started {
	t.Helper()
	stdin, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	defer stdout.Close()
	s := &started{counts: new(tally.Tally), in: in, out: bufio.NewReader(out)}
	o.Tally = s.counts
	s.Process, err = rewrite.Start(argv[0], argv, &os.ProcAttr{Files: []*os.File{stdin, stdout, stdout}}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		s.Signal(os.Kill)
		if err := s.Drain(); err != nil {
			t.Error(err)
		}
		out.Close()
	})
	return s
}

func (s *started) line(t testing.TB) string {
	t.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return line
}
