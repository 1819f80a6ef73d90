package notify_test

import (
	"os"
	"testing"

	"allroads/internal/notify"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// TestSupervisorOutOfDescriptors: the program gets TCP sockets, or none when MPTCP is
// required, and the tally says why.
func TestSupervisorOutOfDescriptors(t *testing.T) {
	const reason = "the supervisor could not open a socket: too many open files"
	for _, require := range []bool{false, true} {
		var before unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			t.Fatal(err)
		}
		o := notify.Options{Require: require, Tally: new(tally.Tally)}
		read, write, _ := os.Pipe()
		process, installed, err := notify.Start(program(t), []string{"program", "tell", "here"}, &os.ProcAttr{Files: []*os.File{nil, write, write}}, o)
		if err != nil {
			t.Fatal(err)
		}
		write.Close()
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: before.Max}); err != nil {
			t.Fatal(err)
		}
		err = notify.Serve(installed.Listener, o)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &before)
		process.Wait()
		installed.Listener.Close()
		var out [100]byte
		n, _ := read.Read(out[:])
		read.Close()
		s, want := o.Tally.Sockets(), "here: protocol 6\n"
		counted := s.Left
		if require {
			want, counted = "here: Protocol not supported\n", s.Refused
		}
		if err != nil || string(out[:n]) != want || len(counted) != 1 || counted[0] != (tally.Reason{Reason: reason, Count: 1}) {
			t.Errorf("require %v: %v, %q, tally %+v", require, err, out[:n], s)
		}
	}
}
