package lab_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"

	"github.com/gopacket/gopacket/pcapgo"
)

func routers(t testing.TB) *lab.Topology {
	t.Helper()
	topology, err := lab.Load("../examples/routers.yaml")
	must(t, err)
	return topology
}

// TestRouters sends through two routers, and has the packets say that both were
// used.
func TestRouters(t *testing.T) {
	network := lab.Start(t, lab.Value(routers(t)))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var file bytes.Buffer
	capture, err := network.Host("client").Capture(&file)
	must(t, err)
	sendOnBoth(ctx, t, network, "client", "server", netip.MustParseAddrPort("10.3.0.2:4321"))
	time.Sleep(50 * time.Millisecond) // for the last packets
	dropped, err := capture.Stop()
	must(t, err)
	verdict := examine(t, &file, []string{"uplink1", "uplink2"}, dropped).Verdict
	if got, want := verdict.String(), "PROVEN: 1 connection, 2 subflows over 2 paths"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// sendOnBoth sends over MPTCP until two subflows have carried data.
func sendOnBoth(ctx context.Context, t *testing.T, network *lab.Lab, from, to string, address netip.AddrPort) {
	t.Helper()
	var listener *mptcp.Listener
	must(t, network.Host(to).Do(func() (err error) {
		listener, err = mptcp.Listen(ctx, address)
		return err
	}))
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			time.Sleep(20 * time.Millisecond) // which closes the window
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	var conn *mptcp.Conn
	must(t, network.Host(from).Do(func() (err error) {
		conn, err = new(mptcp.Dialer).Dial(ctx, address)
		return err
	}))
	defer conn.Close()
	_, err := conn.Write([]byte("hello"))
	must(t, err)
	must(t, conn.WaitSubflows(ctx, 2))
	message := make([]byte, 100_000)
	for used := 0; used < 2; {
		_, _ = rand.Read(message)
		_, err := conn.Write(message)
		must(t, err)
		time.Sleep(10 * time.Millisecond)
		subflows, err := conn.Subflows()
		must(t, err)
		used = 0
		for _, flow := range subflows {
			if flow.BytesSent > 0 {
				used++
			}
		}
		must(t, ctx.Err())
	}
	must(t, conn.CloseWrite())
	_, err = io.Copy(io.Discard, conn)
	must(t, err)
}

// examine analyzes a capture.
func examine(t *testing.T, file io.Reader, paths []string, dropped uint64) *trace.Report {
	t.Helper()
	reader, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
	must(t, err)
	analyzer := trace.New(paths)
	analyzer.SetDropped(dropped)
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return analyzer.Report()
		}
		must(t, err)
		analyzer.Add(&trace.Packet{
			Time: info.Timestamp.UnixNano(), Interface: info.InterfaceIndex, Length: info.Length, Data: data,
		})
	}
}

// TestRoutingMistakes reads routes and rules that cannot be.
func TestRoutingMistakes(t *testing.T) {
	const file = `
name: x
hosts:
  - name: a
    routes: [%s]
    rules: [%s]
links:
  - {name: l, ends: [{host: a, interface: x}, {host: a, interface: y}]}
`
	for _, test := range []struct{ route, rule, want string }{
		{`{to: default, dev: x}`, ``, "no router (via)"},
		{`{to: 10.0.0.0/8}`, ``, "neither a router (via) nor an interface (dev)"},
		{`{to: 10.0.0.0/8, dev: z}`, ``, `no interface "z"`},
		{`{to: 10.0.0.0/8, via: "fd00::1"}`, ``, "one is IPv4, the other IPv6"},
		{`{to: "fe80::/64", via: "fe80::1%x"}`, ``, "an address with a zone"},
		{`{to: 10.0.0.1/8, dev: x}`, ``, "has bits behind its prefix: 10.0.0.0/8 is meant, or 10.0.0.1"},
		{`{to: somewhere, dev: x}`, ``, `"somewhere" is neither an address, a prefix, nor default`},
		{`{to: 10.0.0.0/8, dev: x, table: -1}`, ``, "is not a whole number from 0 to 4294967295"},
		{``, `{table: 5}`, "neither from nor to"},
		{``, `{from: 10.0.0.1}`, "no table"},
		{``, `{from: 10.0.0.1, to: "fd00::1", table: 5}`, "one is IPv4, the other IPv6"},
	} {
		text := strings.Replace(strings.Replace(file, "%s", test.route, 1), "%s", test.rule, 1)
		if _, err := lab.Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("route %s, rule %s: %v, want %q", test.route, test.rule, err, test.want)
		}
	}
}
