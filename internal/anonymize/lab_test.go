package anonymize

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"
)

// scene is a short connection of two kernels in a lab.
type scene struct {
	name  string
	six   bool
	setup func(*lab.Topology)
	play  func(*stage)
	event trace.EventKind // without which it is not what it is called
}

// stage is a scene that is up.
type stage struct {
	*testing.T
	network        *lab.Lab
	client, server *mptcp.Conn
}

var scenes = []scene{
	{name: "two paths", play: (*stage).both, event: trace.EventDataFIN},
	{name: "IPv6", six: true, play: (*stage).both, event: trace.EventDataFIN},
	{name: "checksum", setup: checksum, play: (*stage).both, event: trace.EventDataFIN},
	{name: "backup", setup: func(t *lab.Topology) {
		e := &t.Hosts[0].MPTCP.Endpoints[0]
		e.Flags = append(e.Flags, "backup")
	}, play: (*stage).priority, event: trace.EventPriority},
	{name: "announce", setup: announce(0), play: (*stage).withdraw, event: trace.EventRemoveAddr},
	{name: "announce IPv6", six: true, setup: announce(0), play: (*stage).both, event: trace.EventEcho},
	{name: "fast close", play: (*stage).abort, event: trace.EventFastClose},
	{name: "refused", setup: func(t *lab.Topology) { t.Hosts[1].MPTCP.Limits.Subflows = 0 }, play: (*stage).alone, event: trace.EventReset},
	{name: "altered payload", setup: func(t *lab.Topology) {
		checksum(t)
		t.Hosts[0].MPTCP.Endpoints = nil
		t.Links[0].Middlebox = []lab.LinkRule{{From: "client", MiddleboxRule: lab.MiddleboxRule{Do: "rewrite", Find: "query", Replace: "QUERY"}}}
	}, play: (*stage).query, event: trace.EventFail},
	{name: "fallback", setup: func(t *lab.Topology) { t.Hosts[1].Sysctls["net.mptcp.enabled"] = "0" }, play: nil, event: trace.EventFallback},
}

func checksum(t *lab.Topology) {
	for i := range t.Hosts {
		t.Hosts[i].Sysctls["net.mptcp.checksum_enabled"] = "1"
	}
}

func announce(port uint16) func(*lab.Topology) {
	return func(t *lab.Topology) {
		t.Hosts[0].MPTCP.Endpoints = nil
		t.Hosts[1].MPTCP.Endpoints = []lab.EndpointConfig{{
			Address: t.Links[1].Ends[1].Addresses[0].Addr(), Dev: "blue", ID: 7, Flags: []string{"signal"}, Port: port,
		}}
	}
}

// ip is an address that is nowhere else in a capture by chance.
func (s scene) ip(link, host byte) netip.Addr {
	if s.six {
		return netip.AddrFrom16([16]byte{0x2a, 0xb7, 0x95, link + 1, 0xd3, 6: 0x4f, 15: host})
	}
	return netip.AddrFrom4([4]byte{10, 177, link + 201, host + 93})
}

func (s scene) topology() *lab.Topology {
	t := &lab.Topology{Name: "anonymize", Hosts: []lab.HostConfig{
		{Name: "client", MPTCP: lab.MPTCPConfig{Limits: &lab.LimitsConfig{Subflows: 4, AddAddrAccepted: 4}}},
		{Name: "server", MPTCP: lab.MPTCPConfig{Limits: &lab.LimitsConfig{Subflows: 4}}},
	}}
	t.Hosts[0].MPTCP.Endpoints = []lab.EndpointConfig{{Address: s.ip(1, 2), Dev: "blue", ID: 1, Flags: []string{"subflow"}}}
	for i := range t.Hosts {
		t.Hosts[i].Sysctls = map[string]string{"net.ipv4.conf.all.rp_filter": "0"}
	}
	bits := s.ip(0, 0).BitLen() - 8
	if s.six {
		bits = 64
	}
	for i, name := range []string{"red", "blue"} {
		t.Links = append(t.Links, lab.LinkConfig{Name: name, Ends: []lab.EndConfig{
			{Host: "client", Interface: name, Addresses: []netip.Prefix{netip.PrefixFrom(s.ip(byte(i), 2), bits)}},
			{Host: "server", Interface: name, Addresses: []netip.Prefix{netip.PrefixFrom(s.ip(byte(i), 1), bits)}},
		}})
	}
	to := lab.Destination{Prefix: netip.PrefixFrom(s.ip(0, 0), bits).Masked()}
	t.Hosts[0].Routes = []lab.RouteConfig{{To: to, Via: s.ip(1, 1), Dev: "blue", Metric: 2048}}
	if s.setup != nil {
		s.setup(t)
	}
	return t
}

// record plays a scene and returns what the client saw, as a pcapng file.
func (s scene) record(t *testing.T) []byte {
	t.Helper()
	network := lab.Start(t, lab.Value(s.topology()))
	var file bytes.Buffer
	capturing, err := network.Host("client").Capture(&file)
	if err != nil {
		t.Fatal(err)
	}
	at := &stage{T: t, network: network}
	to := netip.AddrPortFrom(s.ip(0, 1), 4321)
	if s.play == nil {
		at.plain(to)
	} else {
		at.connect(to)
		s.play(at)
		at.client.Close()
		at.server.Close()
	}
	time.Sleep(100 * time.Millisecond) // what the kernels still have to say
	if _, err := capturing.Stop(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// within runs something in a host.
func (s *stage) within(host string, f func() error) {
	s.Helper()
	s.must(s.network.Host(host).Run(f))
}

func (s *stage) connect(to netip.AddrPort) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	var listener *mptcp.Listener
	s.within("server", func() (err error) {
		listener, err = mptcp.Listen(ctx, netip.AddrPortFrom(netip.IPv6Unspecified(), to.Port()))
		return err
	})
	s.Cleanup(func() { listener.Close() })
	s.within("client", func() (err error) {
		s.client, err = new(mptcp.Dialer).Dial(ctx, to)
		return err
	})
	s.Cleanup(func() { s.client.Close() })
	var err error
	s.server, err = listener.Accept()
	s.must(err)
	s.Cleanup(func() { s.server.Close() })
	s.send(s.client, s.server, "a secret question")
	s.send(s.server, s.client, "a secret answer")
}

// plain is a server without MPTCP.
func (s *stage) plain(to netip.AddrPort) {
	s.Helper()
	var listener net.Listener
	s.within("server", func() (err error) {
		listener, err = net.Listen("tcp", to.String())
		return err
	})
	s.Cleanup(func() { listener.Close() })
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	var client net.Conn
	s.within("client", func() (err error) {
		dialer := &net.Dialer{}
		dialer.SetMultipathTCP(true)
		client, err = dialer.DialContext(ctx, "tcp", to.String())
		return err
	})
	s.Cleanup(func() { client.Close() })
	server, err := listener.Accept()
	s.must(err)
	s.Cleanup(func() { server.Close() })
	s.send(client, server, "a secret question")
	s.send(server, client, "a secret answer")
	client.Close()
	server.Close()
}

// send has a text arrive, of which a middlebox may have made another.
func (s *stage) send(from, to net.Conn, text string) {
	s.Helper()
	_, err := from.Write([]byte(text))
	s.must(err)
	s.must(to.SetReadDeadline(time.Now().Add(20 * time.Second)))
	_, err = io.ReadFull(to, make([]byte, len(text)))
	s.must(err)
}

// second waits for the subflow that joins.
func (s *stage) second() {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		s.must(c.WaitSubflows(ctx, 2))
	}
}

// close ends the connection in order.
func (s *stage) close() {
	s.Helper()
	s.send(s.client, s.server, string(bytes.Repeat([]byte("upwards"), 700)))
	s.send(s.server, s.client, string(bytes.Repeat([]byte("downwards"), 700)))
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		s.must(c.CloseWrite())
	}
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		// One that fell back may be closed before the FIN is read: ENOTCONN, not the end
		// of the stream (net/mptcp/protocol.c, mptcp_recvmsg).
		if _, err := io.Copy(io.Discard, c); !errors.Is(err, unix.ENOTCONN) {
			s.must(err)
		}
	}
}

func (s *stage) both() { s.second(); s.close() }

func (s *stage) alone() { time.Sleep(300 * time.Millisecond); s.close() }

// query sends what the middlebox alters.
func (s *stage) query() {
	s.send(s.client, s.server, "query")
	s.send(s.server, s.client, "a secret answer")
	s.close()
}

// abort is a connection that is reset.
func (s *stage) abort() {
	s.second()
	s.must(s.client.SetLinger(0))
	s.client.Close()
	if _, err := s.server.Read(make([]byte, 1)); err == nil || err == io.EOF {
		s.Fatal(err)
	}
}

func (s *stage) priority() {
	s.second()
	s.endpoint("client", "change", "id", "1", "nobackup")
	s.endpoint("client", "change", "id", "1", "backup")
	s.close()
}

func (s *stage) withdraw() {
	s.second()
	s.endpoint("server", "delete", "id", "7")
	s.close()
}

// endpoint runs `ip mptcp endpoint`.
func (s *stage) endpoint(host string, words ...string) {
	s.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		missing(s.T, err)
	}
	command := s.network.Host(host).Command("ip", slices.Concat([]string{"mptcp", "endpoint"}, words)...)
	if out, err := command.CombinedOutput(); err != nil {
		s.Fatalf("%v: %s", err, out)
	}
	time.Sleep(50 * time.Millisecond)
}

// TestLab plays each scene with real kernels: package trace and tshark find the same
// afterwards, and nothing of what identifies somebody.
func TestLab(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			path := save(t, s.record(t))
			packets, interfaces := readPackets(t, path)
			packets = onlyTCP(packets)
			before := report(cutPayload(t, packets), len(interfaces))
			if !happened(before, s.event) {
				t.Fatalf("no %v was captured", s.event)
			}
			// A coincidence does not happen with each secret.
			var found []string
			for _, seed := range []string{"lab", "lab again"} {
				run, err := newRun(Options{Secret: []byte(seed)})
				if err != nil {
					t.Fatal(err)
				}
				var file bytes.Buffer
				if _, err := run.twice(t.Context(), []string{path}, &file); err != nil {
					t.Fatal(err)
				}
				after := report(written(t, file.Bytes()), len(interfaces))
				sameReport(t, run.rewriter, before, after, run.moved())
				if seed == "lab" {
					sameDissection(t, fileOf(t, packets, interfaces), save(t, file.Bytes()))
				}
				found = append(found, leaks(file.Bytes(), clues(t, packets))...)
			}
			slices.Sort(found)
			if len(found) != len(slices.Compact(slices.Clone(found))) {
				t.Errorf("%q", found)
			}
		})
	}
}

// onlyTCP leaves the neighbours' packets away.
func onlyTCP(packets []trace.Packet) []trace.Packet {
	return slices.DeleteFunc(packets, func(p trace.Packet) bool { return new(trace.Segment).Decode(&p) != nil })
}

func happened(r *trace.Report, event trace.EventKind) bool {
	for _, c := range r.Connections {
		if slices.ContainsFunc(c.Events, func(e trace.Event) bool { return e.Kind == event }) {
			return true
		}
	}
	return false
}
