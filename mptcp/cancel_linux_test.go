package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
)

// blackHole makes a namespace and an address in it that answers no SYN: that of
// a TCP listener whose backlog is full.
func blackHole(t testing.TB) (*netns.NS, netip.AddrPort) {
	t.Helper()
	ns := newNamespace(t)
	var sockets []int
	t.Cleanup(func() {
		for _, fd := range sockets {
			unix.Close(fd)
		}
	})
	var at netip.AddrPort
	err := ns.Do(func() (err error) {
		sockets, at, err = fullListener()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ns, at
}

// fullListener connects to a listener with backlog 0 until that accepts no more.
func fullListener() (sockets []int, at netip.AddrPort, err error) {
	open := func() (int, error) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			sockets = append(sockets, fd)
		}
		return fd, err
	}
	l, err := open()
	if err != nil {
		return sockets, at, err
	}
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: loopback4.Addr().As4()}); err != nil {
		return sockets, at, err
	}
	if err := unix.Listen(l, 0); err != nil {
		return sockets, at, err
	}
	name, err := unix.Getsockname(l)
	if err != nil {
		return sockets, at, err
	}
	for range 3 {
		fd, err := open()
		if err != nil {
			return sockets, at, err
		}
		if err := unix.Connect(fd, name); err != nil && err != unix.EINPROGRESS {
			return sockets, at, err
		}
	}
	port := uint16(name.(*unix.SockaddrInet4).Port)
	return sockets, netip.AddrPortFrom(loopback4.Addr(), port), nil
}

func dialIn(ns *netns.NS, ctx context.Context, d *Dialer, to netip.AddrPort) error {
	return ns.Do(func() error {
		conn, err := d.Dial(ctx, to)
		if err == nil {
			conn.Close()
		}
		return err
	})
}

func TestDialEndsWithContext(t *testing.T) {
	t.Parallel()
	requireMPTCP(t)
	ns, to := blackHole(t)
	const limit = 200 * time.Millisecond

	for _, test := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		d    Dialer
		wait time.Duration
		want error
	}{
		{"cancelled", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(limit, cancel)
			return ctx, cancel
		}, Dialer{}, limit, context.Canceled},
		{"deadline", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), limit)
		}, Dialer{}, limit, context.DeadlineExceeded},
		{"timeout", func() (context.Context, context.CancelFunc) {
			return context.WithCancel(t.Context())
		}, Dialer{Timeout: limit}, limit, context.DeadlineExceeded},
		{"cancelled before", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx, cancel
		}, Dialer{}, 0, context.Canceled},
	} {
		ctx, cancel := test.ctx()
		defer cancel()
		start := time.Now()
		err := dialIn(ns, ctx, &test.d, to)
		took := time.Since(start)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if took < test.wait || took > 10*time.Second {
			t.Errorf("%s: took %v", test.name, took)
		}
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() != (test.want == context.DeadlineExceeded) {
			t.Errorf("%s: Timeout() = %v", test.name, timeout.Timeout())
		}
	}
}

func TestDialTimesOut(t *testing.T) {
	if testing.Short() {
		t.Skip("the kernel takes 3 seconds or more")
	}
	t.Parallel()
	requireMPTCP(t)
	ns, to := blackHole(t)
	if err := ns.SetSysctl("net.ipv4.tcp_syn_retries", "1"); err != nil {
		t.Fatal(err)
	}
	if err := dialIn(ns, soon(t), new(Dialer), to); !errors.Is(err, unix.ETIMEDOUT) {
		t.Errorf("dial: %v, want the kernel's ETIMEDOUT", err)
	}
}
