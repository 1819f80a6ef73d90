package impair

import (
	"cmp"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A Link carries frames between two interfaces until Close. Its methods may be
// called from several goroutines.
type Link struct {
	name    string
	clock   clock
	sockets [2]*socket // of a and b
	flows   [2]*flow   // by Direction
	wake    int        // an eventfd that ends the thread's sleep
	alarm   unix.Timespec
	stop    atomic.Bool
	done    chan struct{}

	mu    sync.Mutex // guards what follows, and the sockets' end
	stats [2]Stats
	ended bool
	err   error
}

// Open starts to carry frames between a and b: with the faults ab from a to b,
// and ba the other way. The interfaces need not be up. It takes CAP_NET_RAW in the
// user namespace that owns their network namespaces, and entering these takes
// CAP_SYS_ADMIN. Errors keep the errno: ENODEV for an unknown interface, ENOMEM
// when the kernel has no memory for the rings; or are a *ParamError.
//
// The hosts on both sides must send frames as they are on a wire: see
// DisableOffloads. A frame is delayed from when it came to the interface, not from
// when this process got to see it.
//
// Open takes some 10 to 20 ms, as Close does, in which the kernel waits for all its
// processors; links that are opened at the same time wait together.
func Open(a, b Port, ab, ba Params, o Options) (*Link, error) {
	l := &Link{
		name:  fmt.Sprintf("link %s to %s", a.Interface, b.Interface),
		clock: clock{base: time.Now()}, wake: -1, done: make(chan struct{}),
	}
	if err := l.open(a, b, ab, ba, o); err != nil {
		l.release()
		return nil, fmt.Errorf("open %s: %w", l.name, err)
	}
	go l.run()
	return l, nil
}

func (l *Link) open(a, b Port, ab, ba Params, o Options) (err error) {
	if o, err = o.withDefaults(); err != nil {
		return err
	}
	for i, p := range []Params{ab, ba} {
		if err := p.Validate(); err != nil {
			return fmt.Errorf("%v: %w", Direction(i), err)
		}
	}
	for i, p := range []Port{a, b} {
		if l.sockets[i], err = newSocket(p); err != nil {
			return err
		}
	}
	err = l.each(func(s *socket) error { return s.setUp(o.RingFrames) })
	if err != nil {
		return err
	}
	if l.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("make eventfd: %w", err)
	}
	if l.flows[AToB], err = newFlow(AToB, l.sockets[0], l.sockets[1], ab, o); err != nil {
		return err
	}
	l.flows[BToA], err = newFlow(BToA, l.sockets[1], l.sockets[0], ba, o)
	return err
}

// Set changes the faults of one direction for the frames that arrive from now on,
// as Model.Set does. The error is a *ParamError, ErrClosed, or what ended the link.
func (l *Link) Set(d Direction, p Params) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("set %s, %v: %w", l.name, d, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return fmt.Errorf("set %v: %w", d, l.err)
	case l.ended:
		return fmt.Errorf("set %s, %v: %w", l.name, d, ErrClosed)
	}
	l.flows[d].pending.Store(&p)
	return nil
}

// Stats returns the counters of one direction, final once the link has ended.
// They are up to date with what the link did until it last slept, or the last
// batch of frames.
func (l *Link) Stats(d Direction) Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.countOverruns()
	}
	s := l.stats[d]
	s.Overrun = l.flows[d].in.overruns
	return s
}

// countOverruns leaves an error to the thread, which meets it too.
func (l *Link) countOverruns() {
	for _, s := range l.sockets {
		_ = s.countOverruns()
	}
}

// Done is closed when the link has ended, by Close or by an error.
func (l *Link) Done() <-chan struct{} { return l.done }

// Err returns what ended the link, such as ErrInterfaceGone; nil while it runs and
// after Close.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Close ends the link, and the frames on their way with it, and returns what Err
// does. It may be called again.
func (l *Link) Close() error {
	l.stop.Store(true)
	l.mu.Lock()
	if !l.ended {
		// It can only fail when the thread is being woken already.
		_, _ = unix.Write(l.wake, []byte{7: 1})
	}
	l.mu.Unlock()
	<-l.done
	return l.Err()
}

// release gives up what Open made.
func (l *Link) release() error {
	err := l.each(func(s *socket) error {
		if s == nil {
			return nil
		}
		return s.close()
	})
	if l.wake >= 0 {
		err = cmp.Or(err, unix.Close(l.wake))
	}
	return err
}

// each works on both sockets at the same time: making or freeing a ring takes the
// kernel 20 ms, in which it waits for all processors.
func (l *Link) each(do func(*socket) error) error {
	var errs [2]error
	var both sync.WaitGroup
	for i, s := range l.sockets {
		both.Go(func() { errs[i] = do(s) })
	}
	both.Wait()
	return cmp.Or(errs[:]...)
}
