package sockdiag_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// TestStop: a loop that ends early, a context that ends, and a listing in a listing
// do no harm to the next.
func TestStop(t *testing.T) {
	ns := here(t)
	const n = 200 // More than one datagram holds.
	open(t, ns, n, any4, one)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, settled(2*n, 2))
	whole := func(after string) {
		t.Helper()
		if got := len(list(t, conn, sockdiag.Filter{})); got != 2*n {
			t.Errorf("after %s: %d connections, want %d", after, got, 2*n)
		}
	}
	for range conn.Connections(t.Context(), sockdiag.Filter{}) {
		break
	}
	whole("a break")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	var wrong error
	for _, err := range conn.Connections(ctx, sockdiag.Filter{}) {
		if wrong = err; err == nil {
			seen++
			cancel()
		}
	}
	if !errors.Is(wrong, context.Canceled) || seen == 0 || seen == 2*n {
		t.Errorf("cancelled after %d connections: %v", seen, wrong)
	}
	whole("a cancelled one")
	for _, err := range conn.Connections(t.Context(), sockdiag.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range conn.Connections(t.Context(), sockdiag.Filter{}) {
			if err == nil || !strings.Contains(err.Error(), "in the middle of another listing") {
				t.Errorf("a listing in a listing: %v", err)
			}
		}
		break
	}
	whole("a listing in a listing")
	conn.Close()
	for _, err := range conn.Connections(t.Context(), sockdiag.Filter{}) {
		if !errors.Is(err, unix.EBADF) {
			t.Errorf("after Close: %v, want EBADF", err)
		}
	}
}

func TestDial(t *testing.T) {
	closed := netnstest.New(t)
	closed.Close()
	file, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		fd   int
		want error
	}{
		"a namespace that is closed": {t.Context(), closed.Fd(), unix.EBADF},
		"no namespace":               {t.Context(), int(file.Fd()), unix.EINVAL},
		"a context that has ended":   {cancelled, 0, context.Canceled},
	} {
		if _, err := sockdiag.Dial(c.ctx, c.fd); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestNamespaceGone: the sockets of a namespace without name and handle are listed
// on, as long as there are any.
func TestNamespaceGone(t *testing.T) {
	netnstest.Require(t)
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, ns)
	if err := ns.Close(); err != nil {
		t.Fatal(err)
	}
	if all := list(t, conn, sockdiag.Filter{Listeners: sockdiag.WithListeners}); len(all) != 0 {
		t.Errorf("%d connections", len(all))
	}
}

// TestWithoutRights: what takes CAP_NET_ADMIN is not told, all else is.
func TestWithoutRights(t *testing.T) {
	ns := here(t)
	open(t, ns, 1, any4, one)
	all := await(t, dial(t, ns), sockdiag.Filter{}, settled(2, 2))
	if all[0].Subflows[0].Details == nil {
		t.Error("no details with CAP_NET_ADMIN")
	}
	err := ns.Do(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		none := make([]unix.CapUserData, 2)
		if err := unix.Capset(&header, &none[0]); err != nil {
			return err
		}
		conn, err := sockdiag.Dial(t.Context(), 0)
		if err != nil {
			return err
		}
		defer conn.Close()
		all := list(t, conn, sockdiag.Filter{})
		if !settled(2, 2)(all) {
			t.Errorf("without rights: %+v", all)
		}
		for _, c := range all {
			for _, s := range c.Subflows {
				if s.Details != nil { // Linux 6.12 tells everybody.
					t.Logf("without rights: details %+v", *s.Details)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
