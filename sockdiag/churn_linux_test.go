package sockdiag_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// TestChurn lists connections while all of them are closed and opened again, as
// fast as goes. Those that stay are in each list.
func TestChurn(t *testing.T) {
	ns := here(t)
	const stay = 20
	steady := open(t, ns, stay, any4, one)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, settled(2*stay, 2))
	stop := churn(t, ns)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	changing := 0
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		found, tokens := 0, make(map[uint32]bool)
		for c, err := range conn.Connections(ctx, sockdiag.Filter{Listeners: sockdiag.WithListeners}) {
			if err != nil {
				t.Fatal(err)
			}
			if c.State == mptcp.StateListen {
				continue
			}
			if tokens[c.Info.Token] && c.Info.Token != 0 {
				t.Errorf("token %#x is listed twice", c.Info.Token)
			}
			tokens[c.Info.Token] = true
			if c.Local.Port() == steady.to.Port() || c.Remote.Port() == steady.to.Port() {
				found++
				if c.Established() != 2 || c.Changing {
					t.Errorf("%+v is not as it was", c)
				}
			}
			if c.Changing {
				changing++
			}
			checkJoin(t, c)
		}
		if found != 2*stay {
			t.Errorf("%d ends of connections that stay, want %d", found, 2*stay)
		}
	}
	n := stop()
	if n < 100 {
		t.Fatalf("only %d connections came and went", n)
	}
	t.Logf("%d connections came and went, %d were changing", n, changing)
	await(t, conn, sockdiag.Filter{}, settled(2*stay, 2))
}

// checkJoin holds the subflows of a connection to be its own.
func checkJoin(t *testing.T, c *sockdiag.Connection) {
	t.Helper()
	for i := range c.Subflows {
		s := &c.Subflows[i]
		if s.LocalToken != c.Info.Token {
			t.Errorf("subflow with token %#x of a connection with %#x", s.LocalToken, c.Info.Token)
		}
		for j := range i {
			if c.Subflows[j].Local == s.Local && c.Subflows[j].Remote == s.Remote {
				t.Errorf("subflow %s to %s is there twice", s.Local, s.Remote)
			}
		}
	}
}

// churn opens and closes connections until it is stopped, which returns how many.
func churn(t *testing.T, ns *netns.NS) (stop func() int) {
	t.Helper()
	done := make(chan struct{})
	var all sync.WaitGroup
	var counts [2]int
	for i := range counts {
		p := open(t, ns, 0, any4, one)
		all.Go(func() {
			err := ns.Do(func() error {
				for {
					select {
					case <-done:
						return nil
					default:
					}
					if err := p.turn(20); err != nil {
						return err
					}
					counts[i] += 20
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	return func() int {
		close(done)
		all.Wait()
		return counts[0] + counts[1]
	}
}

// turn opens connections and resets them, so that no port is taken for long.
func (p *pairs) turn(n int) error {
	if err := p.connect(n, one); err != nil {
		return err
	}
	for _, fd := range p.fds {
		if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
			return err
		}
		unix.Close(fd)
	}
	p.fds = p.fds[:0]
	return nil
}
