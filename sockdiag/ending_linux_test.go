package sockdiag_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// TestConnecting: a connection that waits for an answer has its token already.
func TestConnecting(t *testing.T) {
	ns := here(t)
	netnstest.Output(t, ns, "ip route add 10.9.9.0/24 dev lo") // Where nobody is.
	err := ns.Do(func() error {
		fd, err := socket(one)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		err = unix.Connect(fd, sockaddr(netip.MustParseAddrPort("10.9.9.9:9")))
		if !errors.Is(err, unix.EINPROGRESS) {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := list(t, dial(t, ns), sockdiag.Filter{})
	if len(all) != 1 || len(all[0].Subflows) != 1 {
		t.Fatalf("%+v, want one connection with one subflow", all)
	}
	c := all[0]
	if c.State != mptcp.StateSynSent || c.Subflows[0].State != c.State || c.Info.Token == 0 || c.Changing || c.Established() != 0 {
		t.Errorf("%+v", c)
	}
}

// TestTimeWait: TCP sockets that outlive their connection are not listed, nor taken
// for anything else.
func TestTimeWait(t *testing.T) {
	ns := here(t)
	const n = 20
	p := open(t, ns, n, any4, one)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, settled(2*n, 2))
	p.close()
	await(t, conn, sockdiag.Filter{}, func(all []*sockdiag.Connection) bool { return len(all) == 0 })
	waiting := strings.Count(netnstest.Output(t, ns, "ss -Htan state time-wait"), "\n")
	if waiting == 0 {
		t.Error("no TCP socket is in TIME_WAIT")
	}
	if all := list(t, conn, sockdiag.Filter{Listeners: sockdiag.WithListeners}); len(all) != 0 {
		t.Errorf("with %d sockets in TIME_WAIT: %+v", waiting, all[0])
	}
}

// TestAllReplaced closes all connections, and opens others, while they are listed.
func TestAllReplaced(t *testing.T) {
	ns := here(t)
	const n = 400
	p := open(t, ns, n, any4, one)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, settled(2*n, 2))
	listed := make(map[uint32]bool)
	for c, err := range conn.Connections(t.Context(), sockdiag.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(listed) == 0 {
			p.close()
			p = open(t, ns, n, any4, one)
		}
		if listed[c.Info.Token] {
			t.Errorf("token %#x is listed twice", c.Info.Token)
		}
		listed[c.Info.Token] = true
		checkJoin(t, c)
	}
	if len(listed) < n {
		t.Errorf("%d connections, at a time when %d were there", len(listed), 2*n)
	}
	await(t, conn, sockdiag.Filter{}, settled(2*n, 2))
}
