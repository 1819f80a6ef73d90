package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// ErrNoLab is that no lab of a name is up.
var ErrNoLab = errors.New("no such lab is up")

// Labs lists this user's labs that are up, by name, and cleans up what killed
// processes have left.
func Labs(ctx context.Context) ([]About, error) {
	f, err := ours()
	if err == nil {
		err = errors.Join(f.forget(), lab.Clean())
	}
	if err != nil {
		return nil, err
	}
	all := []About{}
	for _, name := range f.names() {
		r, err := ask(ctx, name, &request{Op: "about"})
		if errors.Is(err, ErrNoLab) {
			continue // It has just gone.
		}
		if err != nil {
			return all, err
		}
		all = append(all, *r.About)
	}
	return all, nil
}

// State tells what a lab is like.
func State(ctx context.Context, name string) (*About, *lab.State, error) {
	r, err := ask(ctx, name, &request{Op: "state"})
	if err != nil {
		return nil, nil, err
	}
	return r.About, r.State, nil
}

// CheckLinks finds out whether a lab has all of some links.
func CheckLinks(ctx context.Context, name string, links []string) error {
	_, err := ask(ctx, name, &request{Op: "links", Capture: links})
	return err
}

// Set changes a link of a lab; see lab.ParseChange.
func Set(ctx context.Context, name, link string, change []string) error {
	_, err := ask(ctx, name, &request{Op: "set", Link: link, Change: change})
	return err
}

// downWait is how long a lab may take to end its processes and go.
const downWait = 15 * time.Second

// Down takes a lab down, and returns when nothing is left of it.
func Down(ctx context.Context, name string) error {
	r, err := ask(ctx, name, &request{Op: "down"})
	if err != nil {
		return err
	}
	return awaitEnd(r.About.Watcher)
}

// awaitEnd waits until a process of this user has ended.
func awaitEnd(pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil // It has ended.
	}
	defer unix.Close(fd)
	polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for deadline := time.Now().Add(downWait); ; {
		n, err := unix.Poll(polled, int(time.Until(deadline).Milliseconds()))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("wait for process %d: %w", pid, err)
		case n == 0:
			return fmt.Errorf("wait for process %d: it has not ended within %v", pid, downWait)
		default:
			return nil
		}
	}
}

// dial connects to a lab's supervisor.
func dial(ctx context.Context, name string) (*conn, error) {
	f, err := ours()
	if err != nil {
		return nil, err
	}
	if !lab.ValidName(name) {
		return nil, fmt.Errorf("lab %q: not a name", name)
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", f.socket(name))
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ECONNREFUSED):
		return nil, fmt.Errorf("lab %s: %w", name, ErrNoLab)
	case err != nil:
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return newConn(c.(*net.UnixConn)), nil
}

// ask makes a request that is answered once.
func ask(ctx context.Context, name string, r *request, files ...*os.File) (*reply, error) {
	c, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	defer c.close()
	stop := context.AfterFunc(ctx, c.close)
	defer stop()
	if err := c.open(r, files...); err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	answer, err := c.answer()
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return answer, nil
}
