package sockdiag_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// TestFilter: the kernel's choice and ours together choose what a look at all
// connections would.
func TestFilter(t *testing.T) {
	ns := here(t)
	netnstest.Output(t, ns, "ip mptcp limits set subflow 1 add_addr_accepted 0")
	netnstest.Output(t, ns, "ip mptcp endpoint add 10.9.0.1 signal port 7777")
	p, p6 := open(t, ns, 3, any6, one), open(t, ns, 2, any6, one6)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, joined(10, 6))
	if err := unix.Shutdown(p.fds[0], unix.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	await(t, conn, sockdiag.Filter{States: []mptcp.TCPState{mptcp.StateCloseWait}}, func(all []*sockdiag.Connection) bool { return len(all) == 1 })

	everything := list(t, conn, sockdiag.Filter{Listeners: sockdiag.WithListeners})
	if len(everything) != 13 {
		t.Fatalf("%d sockets, want 10 and 3 listeners", len(everything))
	}
	established, closing := []mptcp.TCPState{mptcp.StateEstablished}, []mptcp.TCPState{mptcp.StateFinWait2, mptcp.StateCloseWait}
	clientPort := everything[0].Local.Port()
	for name, f := range map[string]sockdiag.Filter{
		"none":                 {},
		"with listeners":       {Listeners: sockdiag.WithListeners},
		"listeners":            {Listeners: sockdiag.OnlyListeners},
		"established":          {States: established},
		"closing":              {States: closing},
		"a state that none is": {States: []mptcp.TCPState{mptcp.StateLastAck}},
		"listen and closing":   {States: append(closing, mptcp.StateListen), Listeners: sockdiag.WithListeners},
		"an address":           {Addr: one},
		"an IPv6 address":      {Addr: one6, Listeners: sockdiag.WithListeners},
		"a mapped address":     {Addr: netip.AddrFrom16(one.As16())},
		"a subflow's address":  {Addr: second, Listeners: sockdiag.WithListeners},
		"a server's port":      {Port: p.to.Port(), Listeners: sockdiag.WithListeners},
		"a client's port":      {Port: clientPort},
		"an endpoint's port":   {Port: 7777, Listeners: sockdiag.OnlyListeners},
		"both of one end":      {Addr: second, Port: p.to.Port()},
		"both":                 {Addr: one6, Port: p6.to.Port(), States: established},
		"a token":              {Token: &everything[0].Info.Token},
		"a token and a state":  {Token: &everything[0].Info.Token, States: []mptcp.TCPState{mptcp.StateLastAck}},
		"a token of nobody":    {Token: new(uint32(1))},
	} {
		var want []string
		for _, c := range everything {
			if chosen(f, c) {
				want = append(want, describe(c))
			}
		}
		var got []string
		for _, c := range list(t, conn, f) {
			got = append(got, describe(c))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func describe(c *sockdiag.Connection) string {
	return fmt.Sprintf("%s %s %s %d", c.State, c.Local, c.Remote, len(c.Subflows))
}

// chosen is what the words about Filter say.
func chosen(f sockdiag.Filter, c *sockdiag.Connection) bool {
	listens := c.State == mptcp.StateListen
	if listens && f.Listeners == sockdiag.NoListeners || !listens && f.Listeners == sockdiag.OnlyListeners {
		return false
	}
	if len(f.States) > 0 && !slices.Contains(f.States, c.State) || f.Token != nil && *f.Token != c.Info.Token {
		return false
	}
	ends := []netip.AddrPort{c.Local, c.Remote}
	for _, s := range c.Subflows {
		ends = append(ends, s.Local, s.Remote)
	}
	return slices.ContainsFunc(ends, func(end netip.AddrPort) bool {
		return (!f.Addr.IsValid() || end.Addr() == f.Addr.Unmap()) && (f.Port == 0 || end.Port() == f.Port)
	})
}
