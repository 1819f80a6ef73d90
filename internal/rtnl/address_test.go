package rtnl_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

type addresses struct {
	Name string `json:"ifname"`
	Info []struct {
		Local     netip.Addr `json:"local"`
		Peer      netip.Addr `json:"address"`
		Length    int        `json:"prefixlen"`
		Nodad     bool       `json:"nodad"`
		Tentative bool       `json:"tentative"`
	} `json:"addr_info"`
}

func TestAddAddress(t *testing.T) {
	left, right := pair(t)
	want := map[string]bool{}
	for _, s := range []string{
		"10.0.1.1/24", "10.0.1.2/24", "10.255.255.254/32", "192.0.2.0/31", "172.16.0.1/8",
		"fd00:1::1/64", "fd00:2::ffff/128", "2001:db8::1/127", "fe80::5/64",
	} {
		prefix := netip.MustParsePrefix(s)
		must(t, left.AddAddress("left0", prefix))
		want[prefix.String()] = true
	}
	must(t, left.SetUp("left0"), right.SetUp("right0"))
	for _, info := range ask[addresses](t, left.NS, "ip -j address show dev left0")[0].Info {
		prefix := netip.PrefixFrom(info.Local, info.Length).String()
		if !want[prefix] && info.Local.IsLinkLocalUnicast() {
			continue // The kernel's own.
		}
		if !want[prefix] || info.Tentative || info.Nodad != info.Local.Is6() || info.Peer.IsValid() {
			t.Errorf("ip shows %+v, want one of %v without a peer, and nodad for IPv6 alone", info, want)
		}
		delete(want, prefix)
	}
	if len(want) > 0 {
		t.Errorf("ip does not show %v", want)
	}
}

// TestReachable sends datagrams both ways as soon as addresses and links are
// set. (IPv6 addresses that come before their links are up work too, seconds
// later.)
func TestReachable(t *testing.T) {
	for _, c := range []struct {
		left, right string
		upFirst     bool
	}{
		{"10.0.1.1/24", "10.0.1.2/24", true},
		{"10.0.1.1/24", "10.0.1.2/24", false},
		{"fd00:1::1/64", "fd00:1::2/64", true},
	} {
		t.Run(fmt.Sprintf("%s,up-first=%v", c.left, c.upFirst), func(t *testing.T) {
			left, right := pair(t)
			a, b := netip.MustParsePrefix(c.left), netip.MustParsePrefix(c.right)
			up := func() { must(t, left.SetUp("left0"), right.SetUp("right0")) }
			if c.upFirst {
				up()
			}
			must(t, left.AddAddress("left0", a), right.AddAddress("right0", b))
			if !c.upFirst {
				up()
			}
			must(t, ping(left, right, a.Addr(), b.Addr()), ping(right, left, b.Addr(), a.Addr()))
		})
	}
}

// ping sends a datagram from a host's address to another's.
func ping(from, to host, source, target netip.Addr) error {
	at := func(a netip.Addr) *net.UDPAddr { return net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)) }
	var server, client *net.UDPConn
	err := to.Do(func() (err error) {
		server, err = net.ListenUDP("udp", at(target))
		return err
	})
	if err != nil {
		return err
	}
	defer server.Close()
	err = from.Do(func() (err error) {
		client, err = net.DialUDP("udp", at(source), server.LocalAddr().(*net.UDPAddr))
		return err
	})
	if err != nil {
		return err
	}
	defer client.Close()
	return exchange(client, server)
}

func exchange(client, server *net.UDPConn) error {
	if _, err := client.Write([]byte("ping")); err != nil {
		return err
	}
	b := make([]byte, 16)
	err := server.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, from, err2 := server.ReadFromUDPAddrPort(b)
	if err = errors.Join(err, err2); err != nil || string(b[:n]) != "ping" {
		return fmt.Errorf("received %q: %w", b[:n], err)
	}
	if want := client.LocalAddr().(*net.UDPAddr).AddrPort(); from != want {
		return fmt.Errorf("received from %v, want %v", from, want)
	}
	return nil
}

func TestAddAddressRefused(t *testing.T) {
	left, _ := pair(t)
	v4, v6 := netip.MustParsePrefix("10.0.1.1/24"), netip.MustParsePrefix("fd00:1::1/64")
	must(t, left.AddAddress("left0", v4), left.AddAddress("left0", v6))
	refused(t, left.AddAddress("left0", v4), unix.EEXIST, "add address 10.0.1.1/24 to left0")
	refused(t, left.AddAddress("left0", v6), unix.EEXIST, "add address fd00:1::1/64 to left0")
	refused(t, left.AddAddress("nope0", v4), unix.ENODEV, "add address 10.0.1.1/24 to nope0")
	refused(t, left.AddAddress("left0", netip.MustParsePrefix("ff02::1/64")), unix.EADDRNOTAVAIL, "ff02::1/64", "left0")
	for _, bad := range []netip.Prefix{{}, netip.PrefixFrom(v4.Addr(), 33), netip.PrefixFrom(netip.Addr{}, 8)} {
		refused(t, left.AddAddress("left0", bad), nil, "add address to left0")
	}
}
