package bothends_test

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allroads/internal/bothends"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"
)

// must fails the test unless err is nil.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// build starts a lab that a YAML text describes.
func build(t testing.TB, text string) *lab.Lab {
	t.Helper()
	netnstest.Require(t)
	topology, err := lab.Parse("both.yaml", []byte(text))
	must(t, err)
	network, err := lab.Up(t.Context(), topology, lab.Options{Changeable: true})
	must(t, err)
	t.Cleanup(func() { network.Close() })
	return network
}

// command runs a program in a host.
func command(t testing.TB, host *lab.Host, name string, args ...string) {
	t.Helper()
	if out, err := host.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// both captures the packets of client and server while talk runs, and some more
// that are no TCP, so that neither capture ends with it.
func both(t testing.TB, network *lab.Lab, talk func()) (paths [2]string) {
	t.Helper()
	dir := t.TempDir()
	var captures [2]*lab.Capture
	for i, name := range []string{"client", "server"} {
		paths[i] = filepath.Join(dir, name+".pcapng")
		file, err := os.Create(paths[i])
		must(t, err)
		defer file.Close()
		captures[i], err = network.Host(name).Capture(file)
		must(t, err)
	}
	talk()
	time.Sleep(150 * time.Millisecond)
	for _, name := range []string{"client", "server"} {
		for _, link := range network.Topology.Links {
			for _, end := range link.Ends {
				if end.Host == name { // a packet for nobody
					_ = network.Host(name).Command("ip", "neigh", "add", neighbour(end).String(), "lladdr", "02:00:00:00:00:99", "dev", end.Interface).Run()
					_ = network.Host(name).Command("bash", "-c", "echo > /dev/udp/"+neighbour(end).String()+"/9").Run()
				}
			}
		}
	}
	for i := range captures {
		dropped, err := captures[i].Stop()
		must(t, err)
		if dropped > 0 {
			t.Fatalf("the capture lost %d packets", dropped)
		}
	}
	return paths
}

// neighbour is an address on the link that nobody has.
func neighbour(end lab.EndConfig) netip.Addr {
	address := end.Addresses[0].Addr()
	if address.Is4() {
		b := address.As4()
		b[3] = 77
		return netip.AddrFrom4(b)
	}
	b := address.As16()
	b[15] = 77
	return netip.AddrFrom16(b)
}

// exchange sends bytes to the server and has as many come back, over MPTCP, after the
// client has connected and waited for other subflows.
func exchange(t testing.TB, network *lab.Lab, address string, data []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	target := netip.MustParseAddrPort(address)
	var listener *mptcp.Listener
	must(t, network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(ctx, netip.AddrPortFrom(unspecified(target.Addr()), target.Port()))
		return err
	}))
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			served <- err
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		got, err := io.ReadAll(conn)
		if err == nil {
			_, err = conn.Write(got)
		}
		served <- err
	}()
	var conn *mptcp.Conn
	must(t, network.Host("client").Run(func() (err error) {
		conn, err = (&mptcp.Dialer{AllowTCP: true}).Dial(ctx, target)
		return err
	}))
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	half := len(data) / 2
	_, err := conn.Write(data[:half])
	must(t, err)
	time.Sleep(150 * time.Millisecond)
	_, err = conn.Write(data[half:])
	must(t, err)
	must(t, conn.CloseWrite())
	got, err := io.ReadAll(conn)
	must(t, err)
	must(t, <-served)
	if len(got) != len(data) {
		t.Logf("%d bytes came back of %d", len(got), len(data)) // what middleboxes do to MPTCP is no business of these tests
	}
}

func unspecified(a netip.Addr) netip.Addr {
	if a.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// compareFiles compares two files.
func compareFiles(t testing.TB, client, server string, o bothends.Options) *bothends.Result {
	t.Helper()
	var files [2]*trace.File
	for i, path := range []string{client, server} {
		file, err := trace.Open(path)
		must(t, err)
		defer file.Close()
		files[i] = file
	}
	r, err := bothends.Compare(t.Context(), files[0], files[1], o)
	must(t, err)
	if testing.Verbose() {
		var b bytes.Buffer
		must(t, r.Write(&b, 100))
		t.Logf("\n%s", b.String())
	}
	return r
}

const twoPaths = `
name: both
hosts:
  - {name: client, mptcp: {limits: {subflows: 4}, endpoints: [{address: 10.0.2.1, dev: blue, flags: [subflow]}]}}
  - {name: server, mptcp: {limits: {subflows: 4}}}
links:
  - name: red
    ends:
      - {host: client, interface: red, addresses: [10.0.1.1/24], delay: 10ms RED}
      - {host: server, interface: red, addresses: [10.0.1.2/24], delay: 30ms RED}
  - name: blue
    ends:
      - {host: client, interface: blue, addresses: [10.0.2.1/24], delay: 5ms BLUE}
      - {host: server, interface: blue, addresses: [10.0.2.2/24], delay: 15ms BLUE}
`

func random(n int) []byte {
	b := make([]byte, n)
	x := uint64(1)
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	return b
}
