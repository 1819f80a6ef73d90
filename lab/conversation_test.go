package lab_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/netip"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"

	"github.com/gopacket/gopacket/pcapgo"
)

// conversation is an MPTCP connection between two hosts, whose packets are
// captured in one of them.
type conversation struct {
	t       *testing.T
	ctx     context.Context
	conn    *mptcp.Conn
	server  *mptcp.Listener
	file    bytes.Buffer
	capture *lab.Capture
	paths   []string
	sent    bytes.Buffer
	got     chan []byte
}

// converse connects the host client to the server's address, and captures in the
// host observer, on links in the order of the topology.
func converse(t *testing.T, network *lab.Lab, client, observer, address string) *conversation {
	t.Helper()
	c := &conversation{t: t, got: make(chan []byte, 1)}
	var cancel context.CancelFunc
	c.ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	for _, link := range network.Topology.Links {
		for _, end := range link.Ends {
			if end.Host == observer {
				c.paths = append(c.paths, link.Name)
			}
		}
	}
	var err error
	c.capture, err = network.Host(observer).Capture(&c.file)
	must(t, err)
	target := netip.MustParseAddrPort(address)
	anywhere := netip.AddrPortFrom(netip.IPv6Unspecified(), target.Port())
	var listener *mptcp.Listener
	must(t, network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(c.ctx, anywhere)
		return err
	}))
	c.server = listener
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			c.got <- nil
			return
		}
		defer conn.Close()
		time.Sleep(20 * time.Millisecond) // which closes the window
		all, _ := io.ReadAll(conn)
		c.got <- all
	}()
	must(t, network.Host(client).Run(func() (err error) {
		c.conn, err = new(mptcp.Dialer).Dial(c.ctx, target)
		return err
	}))
	t.Cleanup(func() { c.conn.Close() })
	return c
}

func (c *conversation) send(n int) {
	c.t.Helper()
	message := make([]byte, n)
	_, _ = rand.Read(message)
	_, err := c.conn.Write(message)
	must(c.t, err)
	c.sent.Write(message)
}

// sendOn sends until so many subflows have sent data.
func (c *conversation) sendOn(subflows int) {
	c.t.Helper()
	for used := 0; used < subflows; {
		c.send(100_000)
		time.Sleep(10 * time.Millisecond)
		flows, err := c.conn.Subflows()
		must(c.t, err)
		used = 0
		for _, flow := range flows {
			if flow.BytesSent > 0 {
				used++
			}
		}
		must(c.t, c.ctx.Err())
	}
}

// finish closes both ends, and returns what the packets say.
func (c *conversation) finish() *trace.Report {
	c.t.Helper()
	must(c.t, c.conn.CloseWrite())
	_, err := io.Copy(io.Discard, c.conn)
	must(c.t, err)
	must(c.t, c.conn.Close())
	must(c.t, c.server.Close())
	select {
	case got := <-c.got:
		if !bytes.Equal(got, c.sent.Bytes()) {
			c.t.Errorf("%d bytes came of %d, or others", len(got), c.sent.Len())
		}
	case <-c.ctx.Done():
		c.t.Fatal("the data did not arrive")
	}
	time.Sleep(200 * time.Millisecond) // for the last packets of a slow path
	dropped, err := c.capture.Stop()
	must(c.t, err)
	return c.examine(dropped)
}

func (c *conversation) examine(dropped uint64) *trace.Report {
	c.t.Helper()
	reader, err := pcapgo.NewNgReader(&c.file, pcapgo.DefaultNgReaderOptions)
	must(c.t, err)
	analyzer := trace.New(c.paths)
	analyzer.SetDropped(dropped)
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return analyzer.Report()
		}
		must(c.t, err)
		analyzer.Add(&trace.Packet{
			Time: info.Timestamp.UnixNano(), Interface: info.InterfaceIndex, Length: info.Length, Data: data,
		})
	}
}
