package pathmanager_test

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"time"

	"allroads/lab"
	"allroads/pathmanager"
	"allroads/trace"
	"allroads/wire"

	"github.com/gopacket/gopacket/pcapgo"
)

// option is an MPTCP option on the wire.
type option struct {
	link     string
	src, dst netip.AddrPort
	flags    trace.TCPFlags
	raw      wire.Option
}

// options stops a capture and returns what it holds.
func options(t *testing.T, c *lab.Capture, file *bytes.Buffer) (options []option) {
	t.Helper()
	dropped, err := c.Stop()
	must(t, err)
	if dropped > 0 {
		t.Fatalf("the capture lost %d packets", dropped)
	}
	reader, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
	must(t, err)
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return options
		}
		must(t, err)
		iface, err := reader.Interface(info.InterfaceIndex)
		must(t, err)
		var s trace.Segment
		if s.Decode(&trace.Packet{Interface: info.InterfaceIndex, Length: info.Length, Data: data}) != nil {
			continue
		}
		for rest := s.Options; ; {
			var raw wire.Option
			raw, rest, err = wire.Next(rest)
			must(t, err)
			if raw == nil {
				break
			}
			options = append(options, option{iface.Name, s.Src, s.Dst, s.Flags, raw})
		}
	}
}

// TestPacketsOfCommands gives each command of the userspace path manager on a live
// connection, and finds on the wire what it stands for.
func TestPacketsOfCommands(t *testing.T) {
	network, client, server := hosts(t, map[string]string{"net.mptcp.pm_type": "1"})
	var file bytes.Buffer
	capture, err := network.Host("server").Capture(&file)
	must(t, err)
	connect(t, client, server, netip.IPv6Unspecified(), netip.MustParseAddrPort(server4[0]+":4004"))
	at := command(t, client, server)
	c := commands{t: t, all: options(t, capture, &file)}

	c.find("ADD_ADDR of the announced address", func(o option) bool {
		var add wire.AddAddr
		return wire.ParseAddAddr(o.raw, &add) == nil && !add.Echo && add.AddressID == 20 && add.Addr == at.remote.Addr() && add.Port == 4777 &&
			o.src.Addr() == netip.MustParseAddr(server4[0])
	})
	c.find("MP_JOIN of a subflow", func(o option) bool {
		return join(o, at.local, at.remote) == (wire.MPJoin{Form: wire.JoinSYN, AddressID: 10, Token: wire.Token(server.token)})
	})
	for _, backup := range []bool{true, false} {
		c.find("MP_PRIO", func(o option) bool {
			var prio wire.MPPrio
			return wire.ParseMPPrio(o.raw, &prio) == nil && prio.Backup == backup && o.src == at.local && o.dst == at.remote
		})
	}
	c.find("the end of the subflow", func(o option) bool {
		return o.src == at.local && o.dst == at.remote && o.flags&(trace.RST|trace.FIN) != 0
	})
	c.find("MP_JOIN of a backup subflow", func(o option) bool {
		return join(o, at.backup, at.remote) == (wire.MPJoin{Form: wire.JoinSYN, AddressID: 10, Token: wire.Token(server.token), Backup: true})
	})
	c.find("REMOVE_ADDR of the withdrawn address", func(o option) bool {
		var remove wire.RemoveAddr
		return wire.ParseRemoveAddr(o.raw, &remove) == nil && bytes.Equal(remove.List(), []byte{20}) &&
			o.src.Addr() == netip.MustParseAddr(server4[0])
	})
}

// ends are those of the subflows that commands make.
type ends struct{ local, backup, remote netip.AddrPort }

// command gives all commands, one after the other has had its effect.
func command(t *testing.T, client, server *side) (at ends) {
	t.Helper()
	ctx := t.Context()
	at.remote = netip.MustParseAddrPort(server4[1] + ":4004")
	local := pathmanager.Endpoint{Addr: netip.MustParseAddr(client4[1]), ID: 10}
	announced := pathmanager.Endpoint{Addr: at.remote.Addr(), ID: 20, Port: 4777}
	must(t, server.pm.Announce(ctx, server.token, announced))
	if event := client.heard.take(t, pathmanager.Announced); *event.DestinationPort != announced.Port {
		t.Errorf("the announced port is %d, want %d", *event.DestinationPort, announced.Port)
	}
	announced.Flags = pathmanager.Signal
	lists(t, server, announced)
	created := func() netip.AddrPort {
		must(t, client.pm.CreateSubflow(ctx, client.token, local, at.remote))
		event := client.heard.take(t, pathmanager.SubflowEstablished)
		server.heard.take(t, pathmanager.SubflowEstablished)
		return netip.AddrPortFrom(event.Source, *event.SourcePort)
	}
	at.local = created()
	for _, backup := range []bool{true, false} {
		must(t, client.pm.SetPriority(ctx, client.token, at.local, at.remote, backup))
		if event := server.heard.take(t, pathmanager.SubflowPriority); *event.Backup != backup {
			t.Errorf("the server hears of backup=%v, want %v", *event.Backup, backup)
		}
	}
	lists(t, client, pathmanager.Endpoint{Addr: local.Addr, ID: 10, Flags: pathmanager.Subflow})
	must(t, client.pm.DestroySubflow(ctx, client.token, at.local, at.remote))
	server.heard.take(t, pathmanager.SubflowClosed)
	lists(t, client)
	local.Flags = pathmanager.Backup
	at.backup = created()
	must(t, server.pm.Withdraw(ctx, server.token, 20))
	client.heard.take(t, pathmanager.Removed)
	lists(t, server)
	time.Sleep(20 * time.Millisecond) // for the capture, which sees packets after the kernel has
	return at
}

// lists checks what the userspace path manager knows about a connection.
func lists(t *testing.T, s *side, want ...pathmanager.Endpoint) {
	t.Helper()
	got, err := s.pm.ConnectionEndpoints(t.Context(), s.token)
	must(t, err)
	if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
		t.Errorf("the connection's endpoints at %s are %v, want %v", s.host.Name, got, want)
	}
}

type commands struct {
	t   *testing.T
	all []option
}

// find looks for an option behind the one that was found before.
func (c *commands) find(what string, is func(option) bool) {
	c.t.Helper()
	for i, o := range c.all {
		if is(o) {
			c.all = c.all[i+1:]
			return
		}
	}
	c.t.Errorf("no %s in its place on the wire", what)
	for _, o := range c.all {
		c.t.Logf("%s %s > %s %s %s", o.link, o.src, o.dst, o.flags, o.raw)
	}
}

// join returns what the SYN of a subflow says, of what is not random.
func join(o option, from, to netip.AddrPort) wire.MPJoin {
	var j wire.MPJoin
	if wire.ParseMPJoin(o.raw, &j) != nil || o.src != from || o.dst != to || o.flags != trace.SYN || o.link != "two" {
		return wire.MPJoin{}
	}
	j.Nonce = 0
	return j
}
