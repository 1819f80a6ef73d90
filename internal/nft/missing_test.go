package nft

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"
)

// alien is a rule that no kernel knows: it asks for an extension of iptables
// that does not exist.
func alien() rule {
	info := xt.Unknown{}
	return rule{comment: "alien", needs: "CONFIG_ALIEN",
		statements: []statement{{text: "alien", exprs: []expr.Any{&expr.Match{Name: "alien", Info: &info}}}}}
}

// TestMissing has a kernel refuse the last of several rules, which is then named,
// and nothing be changed.
func TestMissing(t *testing.T) {
	ns := netnstest.New(t)
	known := Ruleset{Masquerade: []string{"eth0"}, Rules: []Rule{{}}}.chains()
	if err := commit(ns, known); err != nil {
		t.Fatal(err)
	}
	chains := Ruleset{Rules: []Rule{{}, {}}}.chains()
	chains[0].rules = append(chains[0].rules, alien())
	for _, try := range []func() error{
		func() error { return check(ns, chains) },
		func() error { return commit(ns, chains) },
	} {
		err := try()
		if !errors.Is(err, unix.ENOENT) {
			t.Fatalf("refused with %v, want %v", err, unix.ENOENT)
		}
		err = findCause(ns, chains, err)
		if !errors.Is(err, ErrNotSupported) || !errors.Is(err, unix.ENOENT) || !strings.Contains(err.Error(), `comment "alien": not supported by this kernel: it needs CONFIG_ALIEN: no such file`) {
			t.Errorf("explained as %v", err)
		}
	}
	if counters, err := Counters(ns); err != nil || len(counters) != 2 {
		t.Errorf("after the refusals: %v, %v", counters, err)
	}
}

// own makes the table belong to a socket, whom nobody else may take it from.
func own(t *testing.T, ns *netns.NS) {
	var conn *netlink.Conn
	err := ns.Do(func() (err error) {
		conn, err = netlink.Dial(unix.NETLINK_NETFILTER, nl.Config(0))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	b := &batch{}
	b.add(unix.NFT_MSG_NEWTABLE, func(a *netlink.AttributeEncoder) {
		a.String(unix.NFTA_TABLE_NAME, table)
		a.Uint32(unix.NFTA_TABLE_FLAGS, 2) // NFT_TABLE_F_OWNER
	})
	if err := send(conn, b.messages, true); err != nil {
		t.Fatal(err)
	}
}

// TestOwned has a kernel refuse the table itself.
func TestOwned(t *testing.T) {
	ns := netnstest.New(t)
	own(t, ns)
	err := Install(ns, Ruleset{Masquerade: []string{"eth0"}})
	if !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "other program owns") {
		t.Errorf("error is %v, want %v", err, unix.EPERM)
	}
	if counters, err := Counters(ns); err != nil || len(counters) != 0 {
		t.Errorf("installed: %v, %v", counters, err)
	}
}

// TestCheckChangesNothing: neither where the kernel agrees.
func TestCheckChangesNothing(t *testing.T) {
	ns := netnstest.New(t)
	if err := check(ns, Ruleset{Masquerade: []string{"eth0"}}.chains()); err != nil {
		t.Fatal(err)
	}
	if counters, err := Counters(ns); err != nil || len(counters) != 0 {
		t.Errorf("after a check: %v, %v", counters, err)
	}
}

func values(t *testing.T, ns *netns.NS) (values []string) {
	for _, s := range settings[:3] {
		value, err := ns.Sysctl(s.key)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return values
}

// TestUndo has the last of the settings fail.
func TestUndo(t *testing.T) {
	defer func(old []setting) { settings = old }(settings)
	settings = append(settings[:len(settings):len(settings)], setting{"net.ipv4.no_such_setting", "1"})
	ns := netnstest.New(t)
	for i, value := range []string{"1", "2", "0"} {
		if err := ns.SetSysctl(settings[i].key, value); err != nil {
			t.Fatal(err)
		}
	}
	before := fmt.Sprint(values(t, ns))
	err := Install(ns, Ruleset{SynProxy: []SynProxy{{Port: 1}}})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "install nftables rules: synproxy: read sysctl net.ipv4.no_such_setting") {
		t.Errorf("error is %v", err)
	}
	if after := fmt.Sprint(values(t, ns)); after != before {
		t.Errorf("the settings were %s, are %s", before, after)
	}
	if counters, err := Counters(ns); err != nil || len(counters) != 0 {
		t.Errorf("installed: %v, %v", counters, err)
	}
}

func TestExplain(t *testing.T) {
	for _, test := range []struct {
		err  unix.Errno
		want string
	}{
		{unix.EOPNOTSUPP, "not supported by this kernel: it needs X: operation not supported"},
		{unix.EPROTONOSUPPORT, "not supported by this kernel: it needs X: protocol not supported"},
		{unix.EPERM, "operation not permitted: it takes CAP_NET_ADMIN, and a table allroads that no other program owns"},
		{unix.ENOMEM, "cannot allocate memory"},
	} {
		if got := explain(test.err, "X"); got.Error() != test.want || !errors.Is(got, test.err) {
			t.Errorf("%v: %v, want %s", test.err, got, test.want)
		}
	}
}
