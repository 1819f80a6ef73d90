package recorder_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/recorder"
	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/pcapgo"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// twoHosts is a lab of two hosts and a third one without links.
func twoHosts(t *testing.T) *lab.Lab {
	t.Helper()
	return lab.Start(t, func() (*lab.Topology, error) {
		return lab.Parse("two-hosts.yaml", []byte(`
name: two-hosts
hosts: [{name: client}, {name: server}, {name: lonely}]
links:
  - {name: wire, ends: [{host: client, addresses: [10.0.0.1/24]}, {host: server, addresses: [10.0.0.2/24]}]}
`))
	})
}

// connect makes an MPTCP connection from the client to the server.
func connect(t *testing.T, network *lab.Lab) (client, server *mptcp.Conn) {
	t.Helper()
	var listener *mptcp.Listener
	must(t, network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(t.Context(), netip.MustParseAddrPort("0.0.0.0:4321"))
		return err
	}))
	defer listener.Close()
	must(t, network.Host("client").Run(func() (err error) {
		client, err = new(mptcp.Dialer).Dial(t.Context(), netip.MustParseAddrPort("10.0.0.2:4321"))
		return err
	}))
	server, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, server
}

// transfer sends n bytes and returns when they have arrived.
func transfer(t *testing.T, client, server *mptcp.Conn, n int) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := client.Write(make([]byte, n))
		sent <- err
	}()
	_, err := io.ReadFull(server, make([]byte, n))
	must(t, err)
	must(t, <-sent)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, network *lab.Lab, o recorder.Options) *recorder.Recorder {
	t.Helper()
	r, err := recorder.Start(network, "client", o)
	must(t, err)
	return r
}

// TestReport: a report has all that was captured until it was asked for, and the
// file and the listener have the same packets in the end.
func TestReport(t *testing.T) {
	network := twoHosts(t)
	var file bytes.Buffer
	segments := map[string]uint64{}
	r := start(t, network, recorder.Options{Pcap: &file, Segment: func(_ *trace.Segment, link string) { segments[link]++ }})
	client, server := connect(t, network)
	for sent := uint64(0); sent < 500_000; {
		transfer(t, client, server, 100_000)
		sent += 100_000
		report, err := r.Report(t.Context())
		must(t, err)
		if len(report.Connections) != 1 || report.Connections[0].ToServer.Bytes != sent {
			t.Fatalf("%d bytes were sent, the report has %+v", sent, report.Connections)
		}
	}
	client.Close()
	server.Close()
	r.AwaitClose(t.Context(), 0)
	report, err := r.Finish()
	must(t, err)
	if conn := report.Connections[0]; !conn.ToServer.Ended || !conn.ToClient.Ended || conn.ToServer.Bytes != 500_000 {
		t.Errorf("%+v", conn)
	}
	if report.Packets.Total == 0 || segments["wire"] != report.Packets.Total || len(segments) != 1 {
		t.Errorf("%+v, and segments %v", report.Packets, segments)
	}
	if n := packetsIn(t, &file); n != report.Packets.Total {
		t.Errorf("%d packets are in the file, want %d", n, report.Packets.Total)
	}
}

// packetsIn counts the packets of a pcapng file, all of them on the link wire.
func packetsIn(t *testing.T, file io.Reader) (n uint64) {
	t.Helper()
	reader, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
	must(t, err)
	for {
		if _, _, err := reader.ReadPacketData(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			break
		}
		n++
	}
	if i, err := reader.Interface(0); err != nil || i.Name != "wire" || reader.NInterfaces() != 1 {
		t.Errorf("interface %+v, %v", i, err)
	}
	return n
}

// TestReportsDisturbNothing compares two recorders, of which only one is asked on
// the way.
func TestReportsDisturbNothing(t *testing.T) {
	network := twoHosts(t)
	asked, left := start(t, network, recorder.Options{}), start(t, network, recorder.Options{})
	done, stop := make(chan error, 1), make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := asked.Report(t.Context()); err != nil {
				done <- err
				return
			}
		}
	}()
	client, server := connect(t, network)
	for range 20 {
		transfer(t, client, server, 50_000)
		transfer(t, server, client, 1_000)
	}
	client.Close()
	server.Close()
	asked.AwaitClose(t.Context(), 0)
	close(stop)
	must(t, <-done)
	first, err := asked.Finish()
	must(t, err)
	second, err := left.Finish()
	must(t, err)
	times := cmp.FilterPath(func(p cmp.Path) bool {
		return slices.Contains([]string{
			".Opened", ".Last", ".First", ".Time", ".RTT", ".Stall", ".Reordering", ".WaitedFor", ".Repeats",
			".EndedAt", ".Establishment", ".SecondSubflow", ".Idle", ".Stale", ".Window", ".Goodput", ".Throughput", ".Conclusion",
		}, p.Last().String())
	}, cmp.Ignore())
	addresses := cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })
	if diff := cmp.Diff(first, second, times, addresses); diff != "" {
		t.Errorf("reports on the way have made a difference:\n%s", diff)
	}
	if first.Connections[0].ToServer.Bytes != 1_000_000 {
		t.Errorf("%+v", first.Connections[0].ToServer)
	}
}

// TestAwaitClose waits for the end, but not for one that does not come.
func TestAwaitClose(t *testing.T) {
	network := twoHosts(t)
	r := start(t, network, recorder.Options{})
	client, server := connect(t, network)
	transfer(t, client, server, 1)
	r.AwaitClose(t.Context(), 50*time.Millisecond)
	report, err := r.Report(t.Context())
	must(t, err)
	if conn := report.Connections[0]; conn.ToServer.Ended {
		t.Fatalf("%+v", conn)
	}
	time.AfterFunc(100*time.Millisecond, func() {
		client.Close()
		server.Close()
	})
	r.AwaitClose(t.Context(), 0)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.AwaitClose(ended, 0)
	if report, err = r.Finish(); err != nil || !report.Connections[0].ToServer.Ended {
		t.Errorf("%+v, %v", report.Connections[0], err)
	}
}

// TestLoses fills a small ring that nobody empties.
func TestLoses(t *testing.T) {
	network := twoHosts(t)
	hold := make(chan struct{})
	r := start(t, network, recorder.Options{RingBytes: 1 << 18, SnapLen: 128, Hold: hold})
	client, server := connect(t, network)
	// Small segments, each with an answer.
	for range 3000 {
		transfer(t, client, server, 1)
	}
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.Report(impatient); err == nil {
		t.Error("a report of packets that nobody has read")
	}
	close(hold)
	report, err := r.Report(t.Context())
	must(t, err)
	if report.Dropped == 0 || report.Packets.Total == 0 {
		t.Errorf("on the way: %d lost, %d read", report.Dropped, report.Packets.Total)
	}
	if report, err = r.Finish(); err != nil || report.Dropped == 0 || report.Packets.Total == 0 || report.Verdict.Proven {
		t.Errorf("%d lost, %d read, %v", report.Dropped, report.Packets.Total, err)
	}
}
