package lab_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/lab"
)

const (
	payload  = 100_000
	patience = 5 * time.Second
)

// TestTraffic holds that each link carries what is sent between its addresses,
// and that the others carry none of it.
func TestTraffic(t *testing.T) {
	topology := twoPaths(t)
	for i, pair := range [][2]string{{"fd00:1::2/64", "fd00:1::1/64"}, {"fd00:2::2/64", "fd00:2::1/64"}} {
		for j := range pair {
			end := &topology.Links[i].Ends[j]
			end.Addresses = append(end.Addresses, netip.MustParsePrefix(pair[j]))
		}
	}
	crossTraffic(t, up(t, topology))
	topology.Links[0].Rate, topology.Links[1].Rate = 100e6, 200e6
	crossTraffic(t, up(t, topology))
}

// crossTraffic sends over every link, between each pair of addresses.
func crossTraffic(t *testing.T, network *lab.Lab) {
	t.Helper()
	for _, link := range network.Topology.Links {
		for i := range link.Ends[0].Addresses {
			before := received(t, network)
			transfer(t, network, link.Ends[0], link.Ends[1], i)
			for name, bytes := range received(t, network) {
				bytes -= before[name]
				if used := name == link.Ends[1].Host+"/"+link.Ends[1].Interface; used != (bytes >= payload) {
					t.Errorf("%s carried %d bytes of the %d sent over %s", name, bytes, payload, link.Name)
				}
			}
		}
	}
}

// transfer sends the payload over TCP from one end to the other, and sees to
// it that it comes from the address it should.
func transfer(t *testing.T, network *lab.Lab, from, to lab.EndConfig, i int) {
	t.Helper()
	source, target := from.Addresses[i].Addr(), to.Addresses[i].Addr()
	var listener *net.TCPListener
	must(t, network.Host(to.Host).Run(func() (err error) {
		listener, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(target, 0)))
		return err
	}))
	defer listener.Close()
	must(t, listener.SetDeadline(time.Now().Add(patience)))
	sent := bytes.Repeat([]byte(from.Interface), payload/len(from.Interface)+1)
	done := make(chan error, 1)
	go func() { done <- send(network.Host(from.Host), listener.Addr().String(), sent) }()
	conn, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	got, err := io.ReadAll(conn)
	must(t, err)
	must(t, <-done)
	if !bytes.Equal(got, sent) {
		t.Errorf("%s to %s: %d bytes came, other than the %d sent", source, target, len(got), len(sent))
	}
	if peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); peer != source {
		t.Errorf("%s to %s: came from %s", source, target, peer)
	}
}

func send(host *lab.Host, target string, data []byte) error {
	var conn net.Conn
	err := host.Run(func() (err error) {
		conn, err = net.DialTimeout("tcp", target, patience)
		return err
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write(data)
	return err
}

// received reads how many bytes each interface of the links has received.
func received(t *testing.T, network *lab.Lab) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, host := range network.Topology.Hosts {
		must(t, network.Host(host.Name).Run(func() error {
			text, err := os.ReadFile("/proc/thread-self/net/dev")
			for line := range strings.Lines(string(text)) {
				device, numbers, _ := strings.Cut(strings.TrimSpace(line), ":")
				fields := strings.Fields(numbers)
				if len(fields) < 16 || device == "lo" {
					continue
				}
				count, err := strconv.Atoi(fields[0])
				if err != nil {
					return fmt.Errorf("/proc/net/dev: %q: %w", line, err)
				}
				counts[host.Name+"/"+device] = count
			}
			return err
		}))
	}
	return counts
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
