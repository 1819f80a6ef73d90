package lab_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/examples"
	"allroads/lab"
	"allroads/mptcp"
)

func wifiLTE(t testing.TB) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("wifi-lte.yaml", examples.WifiLTE)
	must(t, err)
	return topology
}

// echo answers datagrams in a host, and returns a socket of another host that
// sends to it.
func echo(t *testing.T, network *lab.Lab, from, to, address string) net.Conn {
	t.Helper()
	var server net.PacketConn
	var client net.Conn
	must(t, network.Host(to).Run(func() (err error) {
		server, err = net.ListenPacket("udp", address)
		return err
	}))
	t.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 2048)
		for {
			n, peer, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(buffer[:n], peer)
		}
	}()
	must(t, network.Host(from).Run(func() (err error) {
		client, err = net.Dial("udp", server.LocalAddr().String())
		return err
	}))
	t.Cleanup(func() { client.Close() })
	return client
}

// roundTrip is how long an answer takes; ok is false when none comes in time.
func roundTrip(t *testing.T, c net.Conn, wait time.Duration) (took time.Duration, ok bool) {
	t.Helper()
	began := time.Now()
	_, err := c.Write([]byte("ping"))
	must(t, err)
	must(t, c.SetReadDeadline(began.Add(wait)))
	if _, err := c.Read(make([]byte, 16)); err != nil {
		return 0, false
	}
	return time.Since(began), true
}

// TestDelay sees the delays of both links, and changes one. Bounds are wide on
// the upper side: this machine may be busy.
func TestDelay(t *testing.T) {
	network := up(t, wifiLTE(t))
	for _, link := range []struct {
		name, address string
		least         time.Duration
	}{{"wifi", "10.1.0.1:7", 8 * time.Millisecond}, {"lte", "10.2.0.1:7", 40 * time.Millisecond}} {
		c := echo(t, network, "phone", "server", link.address)
		if took, ok := roundTrip(t, c, 2*time.Second); !ok || took < link.least || took > link.least+500*time.Millisecond {
			t.Errorf("%s: a round trip takes %v, %v, want %v and a little", link.name, took, ok, link.least)
		}
		must(t, network.Link(link.name).Set(lab.Impairment{Delay: 100 * time.Millisecond}))
		if took, ok := roundTrip(t, c, 2*time.Second); !ok || took < 200*time.Millisecond {
			t.Errorf("%s: a round trip takes %v, %v after Set, want 200ms and a little", link.name, took, ok)
		}
		must(t, network.Link(link.name).Set(lab.Impairment{Loss: 100}))
		if took, ok := roundTrip(t, c, 300*time.Millisecond); ok {
			t.Errorf("%s: an answer comes after %v although all is lost", link.name, took)
		}
	}
}

func TestLinkDown(t *testing.T) {
	for _, topology := range []*lab.Topology{twoPaths(t), wifiLTE(t)} {
		network := up(t, topology)
		first := topology.Links[0]
		address := netip.AddrPortFrom(first.Ends[1].Addresses[0].Addr(), 7)
		c := echo(t, network, first.Ends[0].Host, first.Ends[1].Host, address.String())
		if _, ok := roundTrip(t, c, 2*time.Second); !ok {
			t.Errorf("%s: no answer", topology.Name)
		}
		link := network.Link(first.Name)
		must(t, link.Down())
		if _, err := c.Write([]byte("ping")); err == nil {
			t.Errorf("%s: a link that is down takes packets", topology.Name)
		}
		must(t, link.Up())
		answered := false
		for began := time.Now(); !answered && time.Since(began) < 10*time.Second; {
			if _, err := c.Write([]byte("ping")); err == nil {
				must(t, c.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
				_, err = c.Read(make([]byte, 16))
				answered = err == nil
			}
		}
		if !answered {
			t.Errorf("%s: no answer when the link is up again", topology.Name)
		}
	}
}

// TestHandover: Wi-Fi dies in the middle of a transfer, which goes on over LTE.
func TestHandover(t *testing.T) {
	network := up(t, wifiLTE(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	address := netip.MustParseAddrPort("10.1.0.1:4321")
	var listener *mptcp.Listener
	must(t, network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(ctx, address)
		return err
	}))
	defer listener.Close()
	received := make(chan []byte, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			received <- nil
			return
		}
		defer conn.Close()
		all, _ := io.ReadAll(conn)
		received <- all
	}()
	var conn *mptcp.Conn
	must(t, network.Host("phone").Run(func() (err error) {
		conn, err = new(mptcp.Dialer).Dial(ctx, address)
		return err
	}))
	defer conn.Close()
	sent := make([]byte, 2<<20)
	_, _ = rand.Read(sent)
	_, err := conn.Write(sent[:1000])
	must(t, err)
	must(t, conn.WaitSubflows(ctx, 2))
	_, err = conn.Write(sent[1000 : 1<<20])
	must(t, err)
	must(t, network.Link("wifi").Down())
	_, err = conn.Write(sent[1<<20:])
	must(t, err)
	must(t, conn.CloseWrite())
	select {
	case got := <-received:
		if !bytes.Equal(got, sent) {
			t.Errorf("%d bytes came of %d, or others", len(got), len(sent))
		}
	case <-ctx.Done():
		t.Fatal("the transfer did not go on without Wi-Fi")
	}
}

func TestImpairedLab(t *testing.T) {
	topology := wifiLTE(t)
	topology.Engine = lab.EngineUserspace
	network := up(t, topology)
	if _, err := network.Keep(); err == nil || !strings.Contains(err.Error(), "which carries them") {
		t.Errorf("Keep: %v", err)
	}
	if err := network.Link("wifi").Set(lab.Impairment{Delay: 1, Jitter: 2}); err == nil {
		t.Error("a jitter above the delay is taken")
	}
	if network.Link("cable") != nil {
		t.Error("a link that is not there is found")
	}
	topology = twoPaths(t)
	topology.Engine = lab.EngineUserspace
	plain := up(t, topology)
	if err := plain.Link("red").Set(lab.Impairment{Delay: 1}); err == nil || !strings.Contains(err.Error(), "plain cable") {
		t.Errorf("Set: %v", err)
	}
	red := plain.Link("red")
	must(t, red.Set(lab.Impairment{Rate: 1e6}))
	must(t, plain.Close())
	for _, err := range []error{red.Down(), red.Up(), red.Set(lab.Impairment{Rate: 1e6})} {
		if err == nil || !strings.Contains(err.Error(), "the lab is closed") {
			t.Errorf("after Close: %v", err)
		}
	}
}

// TestImpairments reads what a file may say of a link.
func TestImpairments(t *testing.T) {
	topology := wifiLTE(t)
	commands := strings.Join(lab.Commands(topology), "\n")
	for _, want := range []string{
		"ip netns exec phone ethtool -K wifi tx off tso off gso off gro off",
		"tc -n phone qdisc replace dev wifi root netem delay 5ms 1ms loss 0.1% rate 30mbit",
		"tc -n server qdisc replace dev wifi root netem delay 5ms 1ms loss 0.1% rate 30mbit",
		"tc -n phone qdisc replace dev lte root netem delay 25ms 5ms rate 10mbit",
		"tc -n server qdisc replace dev lte root netem delay 25ms 5ms rate 20mbit",
	} {
		if !strings.Contains(commands, want) {
			t.Errorf("no step is %q in\n%s", want, commands)
		}
	}
	text := string(examples.WifiLTE)
	for _, wrong := range []struct{ from, to, want string }{
		{"delay: 5ms", "delay: 5", `time: missing unit in duration "5"`},
		{"loss: 0.1%", "loss: 0.1", `"0.1" is not a percentage from 0% to 100%`},
		{"loss: 0.1%", "loss: 101%", `"101%" is not a percentage`},
		{"jitter: 1ms", "jitter: 6ms", "link wifi: "},
		{"seed: 1", "seed: -1", "is not a whole number from 0 to 18446744073709551615"},
		{"jitter: 1ms", "jiter: 1ms", `unknown key "jiter": did you mean "jitter"?`},
	} {
		_, err := lab.Parse("x.yaml", []byte(strings.Replace(text, wrong.from, wrong.to, 1)))
		if err == nil || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("%s: %v, want %q", wrong.to, err, wrong.want)
		}
	}
}
