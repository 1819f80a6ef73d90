package extract_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allroads/internal/extract"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// threePaths are lossy, of different delays, so that data comes out of order, and is
// sent again by TCP and on other paths.
const threePaths = `
name: extract-paths
seed: 7
hosts:
  - name: client
    sysctls: {net.ipv4.conf.all.rp_filter: 0, net.mptcp.checksum_enabled: 1}
    mptcp:
      limits: {subflows: 4, add_addr_accepted: 4}
      endpoints:
        - {address: 10.2.0.2, dev: b, id: 1, flags: [subflow]}
        - {address: 10.3.0.2, dev: c, id: 2, flags: [subflow]}
  - name: server
    sysctls: {net.ipv4.conf.all.rp_filter: 0, net.mptcp.checksum_enabled: 1}
    mptcp:
      limits: {subflows: 4, add_addr_accepted: 4}
links:
  - name: a
    rate: 40mbit
    delay: 3ms
    jitter: 2ms
    loss: 0.5%
    ends:
      - {host: client, interface: a, addresses: [10.1.0.2/24, "fd01::2/64"]}
      - {host: server, interface: a, addresses: [10.1.0.1/24, "fd01::1/64"]}
  - name: b
    rate: 30mbit
    delay: 12ms
    jitter: 3ms
    loss: 1%
    ends:
      - {host: client, interface: b, addresses: [10.2.0.2/24, "fd02::2/64"]}
      - {host: server, interface: b, addresses: [10.2.0.1/24, "fd02::1/64"]}
  - name: c
    rate: 20mbit
    delay: 25ms
    ends:
      - {host: client, interface: c, addresses: [10.3.0.2/24, "fd03::2/64"]}
      - {host: server, interface: c, addresses: [10.3.0.1/24, "fd03::1/64"]}
`

// topologies are that with the addresses of the subflows that are wanted.
var topologies = map[string]string{
	"v4": threePaths,
	"v6": strings.NewReplacer("{address: 10.2.0.2,", `{address: "fd02::2",`, "{address: 10.3.0.2,", `{address: "fd03::2",`,
		"    mptcp:\n      limits: {subflows: 4, add_addr_accepted: 4}\n      endpoints:", `    routes:
      - {to: "fd01::1", via: "fd01::1", dev: a, metric: 1}
      - {to: "fd01::1", via: "fd02::1", dev: b, metric: 2000}
      - {to: "fd01::1", via: "fd03::1", dev: c, metric: 3000}
    mptcp:
      limits: {subflows: 4, add_addr_accepted: 4}
      endpoints:`).Replace(threePaths),
}

// said is what the applications of a connection sent.
type said struct{ client, server []byte }

// network is a lab that captures what a test makes of it.
type network struct {
	*lab.Lab
	file    bytes.Buffer
	capture *lab.Capture
}

func startLab(t *testing.T, topology string) *network {
	t.Helper()
	n := &network{Lab: lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("extract.yaml", []byte(topology)) })}
	var err error
	n.capture, err = n.Host("client").Capture(&n.file)
	must(t, err)
	return n
}

// saved ends the capture and writes it to a file.
func (n *network) saved(t *testing.T) (path string) {
	t.Helper()
	dropped, err := n.capture.Stop()
	must(t, err)
	if dropped > 0 {
		t.Skipf("the machine was too busy: the capture lost %d packets", dropped)
	}
	path = filepath.Join(t.TempDir(), "all.pcapng")
	must(t, os.WriteFile(path, n.file.Bytes(), 0o600))
	return path
}

// connect makes a connection, and waits for its subflows.
func (n *network) connect(t *testing.T, address string, subflows int) (client, server *mptcp.Conn) {
	t.Helper()
	at := netip.MustParseAddrPort(address)
	var listener *mptcp.Listener
	must(t, n.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(t.Context(), at)
		return err
	}))
	defer listener.Close()
	must(t, n.Host("client").Run(func() (err error) {
		client, err = new(mptcp.Dialer).Dial(t.Context(), at)
		return err
	}))
	server, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() { client.Close(); server.Close() })
	_, err = client.Write([]byte("x")) // subflows wait for data
	must(t, err)
	_, err = io.ReadFull(server, make([]byte, 1))
	must(t, err)
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, client.WaitSubflows(soon, subflows))
	return client, server
}

// talk sends random bytes both ways, ends the connection and returns all of them.
func talk(t *testing.T, client, server *mptcp.Conn, seed uint64, up, down int) said {
	t.Helper()
	out := said{random(seed, up), random(seed+1, down)}
	results := make(chan error, 4)
	send := func(c *mptcp.Conn, b []byte) {
		_, err := c.Write(b)
		if err == nil {
			err = c.CloseWrite()
		}
		results <- err
	}
	receive := func(c *mptcp.Conn) {
		_, err := io.Copy(io.Discard, c)
		results <- err
	}
	go send(client, out.client)
	go send(server, out.server)
	go receive(client)
	go receive(server)
	for range cap(results) {
		must(t, <-results)
	}
	must(t, client.Close())
	must(t, server.Close())
	time.Sleep(200 * time.Millisecond) // for the last packets
	out.client = append([]byte("x"), out.client...)
	return out
}

func random(seed uint64, n int) []byte {
	source := rand.NewChaCha8([32]byte{byte(seed), 1})
	b := make([]byte, n)
	_, _ = source.Read(b)
	return b
}

func selector(t testing.TB, text string) []trace.Selector {
	t.Helper()
	s, err := trace.ParseSelector(text)
	must(t, err)
	return []trace.Selector{s}
}

// streams puts together what both sides sent.
func streams(t testing.TB, o extract.StreamOptions, connection string, files ...string) (said, extract.StreamSummary, error) {
	t.Helper()
	o.Client, o.Server = true, true
	var out said
	summary, err := extract.Stream(context.Background(), files, selector(t, connection), o, func(p *extract.Part) error {
		if p.FromServer {
			out.server = append(out.server, p.Data...)
		} else {
			out.client = append(out.client, p.Data...)
		}
		return nil
	})
	return out, summary, err
}

func wantSaid(t testing.TB, got, want said) {
	t.Helper()
	if !bytes.Equal(got.client, want.client) || !bytes.Equal(got.server, want.server) {
		t.Errorf("%d and %d bytes, want %d and %d; the first that differ are %d and %d",
			len(got.client), len(got.server), len(want.client), len(want.server),
			differ(got.client, want.client), differ(got.server, want.server))
	}
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestLab: of two connections over three lossy paths each, with checksums, what comes
// out is what the applications sent; and the packets are those that tshark takes for
// the connection's.
func TestLab(t *testing.T) {
	for family, address := range map[string]string{"v4": "10.1.0.1:4321", "v6": "[fd01::1]:4321"} {
		t.Run(family, func(t *testing.T) {
			n := startLab(t, topologies[family])
			client, server := n.connect(t, address, 3)
			first := talk(t, client, server, 1, 3<<19, 1<<20)
			client, server = n.connect(t, address, 3)
			second := talk(t, client, server, 3, 1<<18, 1<<18)
			all := n.saved(t)
			for i, want := range []said{first, second} {
				checkConnection(t, all, i+1, want)
			}
			checkMidway(t, all, first)
		})
	}
}
