package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// ErrNoLab is that no lab of a name is up.
var ErrNoLab = errors.New("no such lab is up")

// Labs lists this user's labs by name, and cleans up what killed processes have
// left. With an error it lists those that it could.
func Labs(ctx context.Context) ([]About, error) {
	f, err := ours()
	if err != nil {
		return nil, err
	}
	if err := f.forget(); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var asking sync.WaitGroup
	all, errs := []About{}, []error{lab.Clean()}
	for _, name := range f.names() {
		asking.Go(func() {
			about, err := aboutLab(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				all = append(all, *about)
			case !errors.Is(err, ErrNoLab): // If it is, it has just gone.
				errs = append(errs, err)
			}
		})
	}
	asking.Wait()
	slices.SortFunc(all, func(a, b About) int { return strings.Compare(a.Name, b.Name) })
	return all, errors.Join(errs...)
}

// answerWait is how long a lab may take to answer what it can answer at once.
const answerWait = 5 * time.Second

func aboutLab(ctx context.Context, name string) (*About, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerWait, errors.New("it does not answer"))
	defer cancel()
	r, err := ask(ctx, name, &request{Op: "about"})
	if errors.Is(err, errEnded) {
		err = fmt.Errorf("lab %s: %w", name, ErrNoLab)
	}
	if err != nil {
		return nil, err
	}
	if r.About == nil {
		return nil, fmt.Errorf("lab %s: no answer of this version of allroads", name)
	}
	return r.About, nil
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

// dial connects to a lab's supervisor.
func dial(ctx context.Context, name string) (*conn, error) {
	if !lab.ValidName(name) {
		return nil, fmt.Errorf("lab %q: not a name", name)
	}
	f, err := ours()
	if err != nil {
		return nil, err
	}
	c, err := f.dial(ctx, name)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ECONNREFUSED):
		return nil, fmt.Errorf("lab %s: %w", name, ErrNoLab)
	case err != nil:
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return newConn(c), nil
}

// dial trusts nobody else's socket.
func (f folder) dial(ctx context.Context, name string) (*net.UnixConn, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	address, err := f.address(name)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialUnix(ctx, "unix", nil, address)
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
	var answer *reply
	if err = c.open(r, files...); err == nil {
		answer, err = c.answer()
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return answer, nil
}
