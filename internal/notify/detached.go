package notify

import (
	"os"
	"os/exec"
	"os/signal"
	"sync"

	"allroads/internal/tally"
	"allroads/internal/watch"

	"golang.org/x/sys/unix"
)

// detach starts the supervisor, and ends. So the supervisor is nobody's child but
// init's, or a subreaper's.
func detach(words []string) error {
	if err := inherit(2); err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", append([]string{Command, "program"}, words...)...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{os.NewFile(firstFile, ""), os.NewFile(firstFile+1, "")}
	return cmd.Start()
}

// supervise is the supervisor of Exec.
func supervise(o orders, report Reporter) error {
	asked := make(chan os.Signal, 1) // From the first on: what nobody waits for is lost.
	signal.Notify(asked, unix.SIGUSR1)
	if err := inherit(2); err != nil {
		return err
	}
	l := o.listener()
	defer l.Close()
	o.Tally, o.Standby = new(tally.Tally), true
	if w, err := watch.New(); err == nil {
		defer w.Close()
		o.Watch = w
	}
	write := o.reporting(report, asked)
	ready := os.NewFile(firstFile+1, "")
	_, err := ready.Write([]byte{1})
	ready.Close()
	if err != nil {
		return nil // Nobody waits any more: the program did not start.
	}
	err = Serve(l, o.Options)
	write()
	return err
}

// reporting has a report written whenever it is asked for, and returns what writes one.
// Nobody hears of errors.
func (o orders) reporting(report Reporter, asked <-chan os.Signal) (write func()) {
	if o.report == "" || report == nil {
		return func() {}
	}
	var one sync.Mutex
	write = func() {
		one.Lock()
		defer one.Unlock()
		if o.Watch != nil {
			o.Watch.Look()
		}
		_ = report(o.report, o.Tally, o.Watch)
	}
	go func() {
		for range asked {
			write()
		}
	}()
	return write
}
