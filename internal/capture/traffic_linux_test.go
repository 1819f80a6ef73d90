package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"allroads/internal/netns"
)

const port = 7000

// udp opens a socket in a namespace, bound to an address (with port) and, unless
// remote is "", connected to another.
func udp(t testing.TB, ns *netns.NS, local, remote string) *net.UDPConn {
	t.Helper()
	var c *net.UDPConn
	err := ns.Do(func() (err error) {
		here := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(local))
		if remote == "" {
			c, err = net.ListenUDP("udp", here)
			return err
		}
		c, err = net.DialUDP("udp", here, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(remote)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// connect makes a TCP connection from one namespace to another.
func connect(t testing.TB, from, to *netns.NS, address string) (client, server net.Conn) {
	t.Helper()
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
	var listener *net.TCPListener
	err := to.Do(func() (err error) {
		listener, err = net.ListenTCP("tcp", at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = from.Do(func() (err error) {
		client, err = net.DialTCP("tcp", nil, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	deadline(client)
	deadline(server)
	return client, server
}

// numbered is a datagram's payload of a length, from 8 bytes.
func numbered(n uint64, length int) []byte {
	b := make([]byte, length)
	binary.BigEndian.PutUint64(b, n)
	return b
}

// send sends datagrams numbered from first.
func send(t testing.TB, c *net.UDPConn, first uint64, count, length int) {
	t.Helper()
	for n := range uint64(count) {
		if _, err := c.Write(numbered(first+n, length)); err != nil {
			t.Fatal(err)
		}
	}
}

// a sighting is a captured datagram on our port.
type sighting struct {
	Interface int
	Out       bool // to our port, not from it
	Number    uint64
}

// see decodes a numbered datagram.
func see(p *Packet) (s sighting, ok bool) {
	decoded := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
	datagram, ok := decoded.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if !ok || len(datagram.Payload) < 8 || datagram.SrcPort != port && datagram.DstPort != port {
		return s, false
	}
	return sighting{p.Interface, datagram.DstPort == port, binary.BigEndian.Uint64(datagram.Payload)}, true
}

func listen(t testing.TB, ns *netns.NS, interfaces []string, o Options) *Ring {
	t.Helper()
	r, err := Open(ns, interfaces, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// drain stops a ring and returns copies of what it has.
func drain(t testing.TB, r *Ring) []Packet {
	t.Helper()
	r.Stop()
	return rest(t, r)
}

// await returns when the ring has seen a number of packets. What was sent is not
// seen at once on its way in when the processor is busy, nor always in order.
func await(t testing.TB, r *Ring, packets uint64) {
	t.Helper()
	for start := time.Now(); stats(t, r).Packets < packets; time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("stats %+v, want %d packets", stats(t, r), packets)
		}
	}
}

// rest reads to the end.
func rest(t testing.TB, r *Ring) []Packet {
	t.Helper()
	var all []Packet
	for {
		var p Packet
		err := r.Read(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Data = append([]byte(nil), p.Data...)
		all = append(all, p)
	}
}

func stats(t testing.TB, r *Ring) Stats {
	t.Helper()
	s, err := r.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deadline makes a test's reads fail instead of hang.
func deadline(c net.Conn) { c.SetDeadline(time.Now().Add(10 * time.Second)) }
