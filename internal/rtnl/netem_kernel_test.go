package rtnl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// emulated makes two hosts with a cable where the kernel has netem. It need not
// have, even with ALLROADS_REQUIRE_KERNEL=1.
func emulated(t *testing.T) (left, right host) {
	t.Helper()
	left, right = pair(t)
	has, err := left.HasQdisc("netem")
	if must(t, err); !has {
		t.Skip("this kernel has no netem (CONFIG_NET_SCH_NETEM)")
	}
	return left, right
}

// sockets makes a pair of sockets, from left0 to right0. IPv4 alone is there, and
// the neighbours know each other, so that what is sent is what a test sends.
func sockets(t *testing.T, left, right host) (client, server *net.UDPConn) {
	t.Helper()
	for name, h := range map[string]host{"left0": left, "right0": right} {
		must(t, h.Do(func() error {
			err := os.WriteFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", []byte("1"), 0)
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			return err
		}), h.SetUp(name))
	}
	must(t, left.AddAddress("left0", netip.MustParsePrefix("10.0.1.1/24")),
		right.AddAddress("right0", netip.MustParsePrefix("10.0.1.2/24")),
		right.Do(func() (err error) {
			server, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(10, 0, 1, 2)})
			return err
		}))
	t.Cleanup(func() { server.Close() })
	must(t, left.Do(func() (err error) {
		client, err = net.DialUDP("udp", nil, server.LocalAddr().(*net.UDPAddr))
		return err
	}))
	t.Cleanup(func() { client.Close() })
	roundTrip(t, client, server)
	return client, server
}

// roundTrip sends a datagram there and back, and returns how long it took.
func roundTrip(t *testing.T, client, server *net.UDPConn) time.Duration {
	t.Helper()
	b, deadline, start := make([]byte, 16), time.Now().Add(10*time.Second), time.Now()
	must(t, client.SetReadDeadline(deadline), server.SetReadDeadline(deadline))
	_, err := client.Write([]byte("there"))
	must(t, err)
	n, from, err := server.ReadFromUDPAddrPort(b)
	must(t, err)
	_, err = server.WriteToUDPAddrPort(b[:n], from)
	must(t, err)
	n, err = client.Read(b)
	if must(t, err); string(b[:n]) != "there" {
		t.Fatalf("%q came back", b[:n])
	}
	return time.Since(start)
}

func TestNetemDelays(t *testing.T) {
	left, right := emulated(t)
	client, server := sockets(t, left, right)
	for _, delay := range []time.Duration{20 * time.Millisecond, 40 * time.Millisecond} {
		must(t, left.SetNetem("left0", rtnl.Netem{Delay: delay}))
		if took := roundTrip(t, client, server); took < delay {
			t.Errorf("a round trip takes %v, want %v or more", took, delay)
		}
	}
}

// TestNetemKeepsPackets changes the emulator while a datagram is in it.
func TestNetemKeepsPackets(t *testing.T) {
	left, right := emulated(t)
	client, server := sockets(t, left, right)
	must(t, left.SetNetem("left0", rtnl.Netem{Delay: 200 * time.Millisecond}))
	_, err := client.Write([]byte("held"))
	must(t, err, left.SetNetem("left0", rtnl.Netem{}), server.SetReadDeadline(time.Now().Add(10*time.Second)))
	b := make([]byte, 16)
	n, err := server.Read(b)
	if must(t, err); string(b[:n]) != "held" {
		t.Errorf("%q arrived", b[:n])
	}
}

// TestNetemLosesAll has all datagrams lost before the one after the change.
func TestNetemLosesAll(t *testing.T) {
	left, right := emulated(t)
	client, server := sockets(t, left, right)
	for _, all := range []rtnl.Netem{{Loss: 1}, {Burst: rtnl.GilbertElliott{P: 1, LossBad: 1, LossGood: 1}}} {
		must(t, left.SetNetem("left0", all))
		if arrived := arrivals(t, left, client, server, 50); len(arrived) != 0 {
			t.Errorf("%+v lets datagrams %v pass", all, arrived)
		}
		roundTrip(t, client, server)
	}
}

// arrivals sends numbered datagrams, and after them, with nothing lost any more,
// an end. It returns the numbers that arrived.
func arrivals(t *testing.T, left host, client, server *net.UDPConn, count byte) (arrived []byte) {
	t.Helper()
	const end = 255
	for number := range count {
		_, err := client.Write([]byte{number})
		must(t, err)
	}
	must(t, left.SetNetem("left0", rtnl.Netem{}))
	_, err := client.Write([]byte{end})
	must(t, err, server.SetReadDeadline(time.Now().Add(10*time.Second)))
	for {
		b := make([]byte, 16)
		_, _, err := server.ReadFromUDPAddrPort(b)
		if must(t, err); b[0] == end {
			return arrived
		}
		arrived = append(arrived, b[0])
	}
}

// TestNetemSeed throws the same dice twice, and others.
func TestNetemSeed(t *testing.T) {
	left, right := emulated(t)
	client, server := sockets(t, left, right)
	before, lo := qdisc(t, left.NS, "left0"), qdisc(t, left.NS, "lo")
	err := left.SetNetem("left0", rtnl.Netem{Loss: 0.5, Seed: 1})
	if after := qdisc(t, left.NS, "lo"); after != lo {
		t.Errorf("finding out about seeds changed lo from %+v to %+v", lo, after)
	}
	if !takesSeeds(t) {
		refused(t, err, errors.ErrUnsupported, "set netem on left0: seed: unsupported operation before Linux 6.6")
		if after := qdisc(t, left.NS, "left0"); after != before {
			t.Errorf("the refusal changed %+v to %+v", before, after)
		}
		return
	}
	must(t, err)
	var runs [3][]byte
	for i, seed := range []uint64{7, 7, 8} {
		must(t, left.SetNetem("left0", rtnl.Netem{Loss: 0.5, Seed: seed}))
		runs[i] = arrivals(t, left, client, server, 100)
	}
	if n := len(runs[0]); n < 10 || n > 90 || !reflect.DeepEqual(runs[0], runs[1]) || reflect.DeepEqual(runs[0], runs[2]) {
		t.Errorf("arrived of 100 with loss 0.5: seed 7 %v, again %v, seed 8 %v", runs[0], runs[1], runs[2])
	}
}

// takesSeeds goes by what the kernel calls itself.
func takesSeeds(t *testing.T) bool {
	var name unix.Utsname
	must(t, unix.Uname(&name))
	var major, minor int
	_, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	must(t, err)
	return major > 6 || major == 6 && minor >= 6
}

// TestNetemAsTCShows sets the same with tc(8) at the other end of the cable, each
// in place of the one before.
func TestNetemAsTCShows(t *testing.T) {
	left, right := emulated(t)
	show := func(h host, name string) any {
		var shown []struct{ Options map[string]any }
		must(t, json.Unmarshal([]byte(netnstest.Output(t, h.NS, "tc -j qdisc show dev "+name)), &shown))
		delete(shown[0].Options, "seed") // Without one, the kernel has thrown dice for it.
		return shown[0].Options
	}
	for _, c := range netems {
		words, _, _ := strings.Cut(c.words, " seed ") // Not all tc and kernels know it.
		c.netem.Seed = 0
		t.Run(words, func(t *testing.T) {
			_, err := netnstest.Run(t, right.NS, "tc qdisc replace dev right0 root netem "+words)
			if err != nil && strings.Contains(err.Error(), "Illegal") {
				t.Skip(err) // An older tc has no such fine or long delays.
			}
			must(t, err, left.SetNetem("left0", c.netem))
			if got, want := show(left, "left0"), show(right, "right0"); !reflect.DeepEqual(got, want) {
				t.Errorf("tc shows %v, and for its own %v", got, want)
			}
		})
	}
}

// TestSetNetemReplaces has whatever was there give way, and nothing of it stay.
func TestSetNetemReplaces(t *testing.T) {
	left, _ := emulated(t)
	netnstest.Output(t, left.NS, "tc qdisc replace dev left0 root pfifo limit 7")
	must(t, left.SetNetem("left0", rtnl.Netem{}))
	plain := netnstest.Output(t, left.NS, "tc qdisc show dev left0")
	for _, c := range netems {
		c.netem.Seed = 0
		must(t, left.SetNetem("left0", c.netem), left.SetNetem("left0", rtnl.Netem{}))
		if got := netnstest.Output(t, left.NS, "tc qdisc show dev left0"); got != plain {
			t.Errorf("after %s, the zero Netem is %s, want %s", c.words, got, plain)
		}
	}
	must(t, left.DelQdisc("left0"))
	if got := qdisc(t, left.NS, "left0"); got.Kind == "netem" {
		t.Errorf("after DelQdisc, tc shows %+v", got)
	}
}
