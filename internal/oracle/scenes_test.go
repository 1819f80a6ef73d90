package oracle_test

import (
	"context"
	"errors"
	"time"

	"allroads/lab"
	"allroads/pathmanager"
)

// Amounts of data that a scene sends: enough for several paths, and little enough that
// each byte of the capture can be altered in turn.
const (
	request = 20_000
	answer  = 150_000
)

// scenes are all that MPTCP does, and what goes wrong with it.
var scenes = []*scene{
	{name: "two paths", topology: joined(2, false), play: talk(2)},
	{name: "two paths of IPv6", topology: joined(2, true), play: talk6(2)},
	{name: "three paths", topology: joined(3, false), play: talk(3)},
	{name: "checksums", topology: with(joined(2, false), checksums), play: talk(2)},
	{name: "checksums over IPv6", topology: with(joined(2, true), checksums), play: talk6(2)},
	{name: "backup", topology: func() *lab.Topology {
		t := paths(2, false)
		joins(t, client, 1, false, "backup")
		return t
	}, play: talk(2)},
	{name: "priority", topology: joined(2, false), play: playPriority},
	{name: "announced", topology: announced(false, 0), play: talk(2)},
	{name: "announced over IPv6", topology: announced(true, 0), play: talk6(2)},
	{name: "announced with a port", topology: announced(false, 5555), play: talk(2)},
	{name: "announced with a port over IPv6", topology: with(announced(true, 5555), func(t *lab.Topology) {
		// With timestamps there is no room for this option, and Linux 6.18 does not send it.
		sysctl(t, "net.ipv4.tcp_timestamps", "0", client, server)
	}), play: talk6(2)},
	{name: "withdrawn", topology: announced(false, 0), play: playWithdrawn},
	{name: "fast close", topology: joined(2, false), play: playFastClose},
	{name: "handover", topology: with(joined(2, false), slow), play: playHandover},
	{name: "lossy", topology: with(joined(2, false), lossy), play: talkLong(2, 400_000)},
	{name: "many connections", topology: joined(2, false), play: playMany},
	{name: "join refused", topology: with(joined(2, false), func(t *lab.Topology) {
		t.Hosts[server].MPTCP.Limits.Subflows = 0
	}), play: playRefused},
	{name: "join of an unknown token", topology: strangers, play: playStranger},
	{name: "join denied", topology: with(joined(2, false), func(t *lab.Topology) {
		sysctl(t, "net.mptcp.allow_join_initial_addr_port", "0", server)
	}), play: talk(1)},

	{name: "no MPTCP at the server", topology: with(joined(2, false), func(t *lab.Topology) {
		sysctl(t, "net.mptcp.enabled", "0", server)
	}), play: talk(0)},
	{name: "SYN stripped", topology: stripped(lab.MiddleboxRule{Options: []string{"mp_capable"}, Packets: "syn"}), play: talk(0)},
	{name: "SYN/ACK stripped", topology: stripped(lab.MiddleboxRule{Options: []string{"mp_capable"}, Packets: "syn-ack"}), play: talk(0)},
	{name: "client's options stripped", topology: strippedFrom("client"), play: talk(0)},
	{name: "server's options stripped", topology: strippedFrom("server"), play: talk(0)},
	{name: "SYNs dropped", topology: with(joined(1, false), func(t *lab.Topology) {
		middlebox(t, 0, "client", lab.MiddleboxRule{Do: "drop", Options: []string{"mp_capable"}, Packets: "syn"})
		sysctl(t, "net.mptcp.syn_retrans_before_tcp_fallback", "1", client)
	}), play: talk(0)},
	{name: "payload rewritten", topology: with(with(joined(1, false), checksums), rewritten(0)), play: playRewritten(1)},
	{name: "payload of one path rewritten", topology: with(with(joined(2, false), checksums), rewritten(1)), play: playRewritten(2)},
}

func sceneOf(name string) *scene {
	for _, s := range scenes {
		if s.name == name {
			return s
		}
	}
	panic("no scene " + name)
}

type topologyFunc = func() *lab.Topology

func with(base topologyFunc, change func(*lab.Topology)) topologyFunc {
	return func() *lab.Topology {
		t := base()
		change(t)
		return t
	}
}

// joined has the client use so many paths.
func joined(n int, six bool) topologyFunc {
	return func() *lab.Topology {
		t := paths(n, six)
		for i := 1; i < n; i++ {
			joins(t, client, i, six)
		}
		return t
	}
}

func announced(six bool, port uint16) topologyFunc {
	return func() *lab.Topology {
		t := paths(2, six)
		announces(t, 1, six, port)
		return t
	}
}

func checksums(t *lab.Topology) { sysctl(t, "net.mptcp.checksum_enabled", "1", client, server) }

func lossy(t *lab.Topology) {
	t.Seed = 7
	for i := range t.Links {
		t.Links[i].Loss = 2
	}
}

func stripped(rule lab.MiddleboxRule) topologyFunc {
	rule.Do = "strip"
	return with(joined(1, false), func(t *lab.Topology) { middlebox(t, 0, "", rule) })
}

func strippedFrom(host string) topologyFunc {
	return with(joined(1, false), func(t *lab.Topology) {
		middlebox(t, 0, host, lab.MiddleboxRule{Do: "strip", Packets: "later"})
	})
}

// Words that a middlebox changes.
const (
	sought, found = "PORT 192.168.0.2", "PORT 203.0.113.9"
)

func rewritten(path int) func(*lab.Topology) {
	return func(t *lab.Topology) {
		middlebox(t, path, "client", lab.MiddleboxRule{Do: "rewrite", Find: sought, Replace: found})
	}
}

// talk opens a connection, waits for its subflows, sends both ways and closes. With 0
// subflows it is one that falls back.
func talk(subflows int) func(*stage) error  { return conversation(false, subflows, request, answer) }
func talk6(subflows int) func(*stage) error { return conversation(true, subflows, request, answer) }

func talkLong(subflows, bytes int) func(*stage) error {
	return conversation(false, subflows, bytes, bytes)
}

func conversation(six bool, subflows, up, down int) func(*stage) error {
	return func(s *stage) error {
		p, err := s.dial(six)
		if err == nil && subflows > 0 {
			err = p.subflows(subflows)
		}
		if err != nil {
			return err
		}
		return errors.Join(p.send(client, up), p.send(server, down), p.finish())
	}
}

// playPriority makes a subflow a backup, and takes that back.
func playPriority(s *stage) error {
	p, err := s.dial(false)
	if err == nil {
		// Before the fourth packet of the handshake, the kernel tells nobody.
		err = errors.Join(p.subflows(2), p.send(client, request), p.send(server, answer))
	}
	if err != nil {
		return err
	}
	for i, flags := range []pathmanager.Flags{pathmanager.Backup, 0} {
		err := s.manager(client, func(ctx context.Context, c *pathmanager.Conn) error {
			return c.SetFlags(ctx, pathmanager.Endpoint{Addr: address(1, client, false), ID: 2}, flags)
		})
		err = errors.Join(err, s.counted(server, "MPTcpExtMPPrioRx", uint64(i+1)), p.send(client, request))
		if err != nil {
			return err
		}
	}
	return p.finish()
}

// playWithdrawn has the server withdraw the address that it has announced.
func playWithdrawn(s *stage) error {
	p, err := s.dial(false)
	if err == nil {
		err = errors.Join(p.subflows(2), p.send(client, request))
	}
	if err != nil {
		return err
	}
	err = s.manager(server, func(ctx context.Context, c *pathmanager.Conn) error {
		return c.DeleteEndpoint(ctx, 2, address(1, server, false))
	})
	return errors.Join(err, s.counted(client, "MPTcpExtRmAddr", 1), p.send(server, answer), p.finish())
}

// playFastClose has the client drop the connection (SO_LINGER with 0 s).
func playFastClose(s *stage) error {
	p, err := s.dial(false)
	if err == nil {
		err = errors.Join(p.subflows(2), p.send(client, request), p.send(server, answer), p.ask())
	}
	if err != nil {
		return err
	}
	err = errors.Join(p.conns[client].SetLinger(0), p.conns[client].Close())
	return errors.Join(err, s.counted(server, "MPTcpExtMPFastcloseRx", 1), p.conns[server].Close())
}

// slow makes transfers last long enough to be cut in the middle.
func slow(t *lab.Topology) {
	for i := range t.Links {
		t.Links[i].Rate, t.Links[i].MTU = 5e6, 1500
	}
}

// playHandover takes the path down while data is on its way over it.
func playHandover(s *stage) error {
	p, err := s.dial(false)
	if err == nil {
		err = p.subflows(2)
	}
	if err != nil {
		return err
	}
	cut := make(chan error, 1)
	go func() {
		time.Sleep(100 * time.Millisecond)
		cut <- s.network.Link(linkName(0)).Down()
	}()
	err = errors.Join(p.send(client, 200_000), <-cut)
	return errors.Join(err, s.network.Link(linkName(0)).Up(), p.finish())
}

// playMany has several connections open at a time.
func playMany(s *stage) error {
	var pairs []*pair
	for range 5 {
		p, err := s.dial(false)
		if err == nil {
			err = p.subflows(2)
		}
		if err != nil {
			return err
		}
		pairs = append(pairs, p)
	}
	for i, p := range pairs {
		if err := errors.Join(p.send(client, request*(i+1)), p.send(server, answer), p.finish()); err != nil {
			return err
		}
	}
	return nil
}

// playRefused waits until the server has refused a subflow.
func playRefused(s *stage) error {
	p, err := s.dial(false)
	if err == nil {
		time.Sleep(2 * time.Second)
	}
	return errors.Join(err, p.send(client, request), p.send(server, answer), p.finish())
}

// strangers adds a host that knows nothing of the connection.
func strangers() *lab.Topology {
	t := paths(2, false)
	sysctl(t, "net.mptcp.pm_type", "1", client)
	t.Hosts = append(t.Hosts, lab.HostConfig{Name: "stranger", MPTCP: t.Hosts[server].MPTCP})
	t.Links[1].Ends[server].Host = "stranger"
	return t
}

// playStranger has the client join the connection at that host.
func playStranger(s *stage) error {
	at := address(1, server, false)
	listener, err := listen(s.network.Host("stranger"), netipPort(at, port))
	if err != nil {
		return err
	}
	defer listener.Close()
	p, err := s.dial(false)
	if err != nil {
		return err
	}
	info, err := p.conns[client].Info()
	if err != nil {
		return err
	}
	err = s.manager(client, func(ctx context.Context, c *pathmanager.Conn) error {
		local := pathmanager.Endpoint{Addr: address(1, client, false), ID: 2}
		return c.CreateSubflow(ctx, pathmanager.Token(info.Token), local, netipPort(at, port))
	})
	err = errors.Join(err, until("a refusal", func() (bool, error) {
		c, err := readCounters(s.network.Host("client"))
		return c["MPTcpExtMPRstRx"] > 0 || c["TcpAttemptFails"] > 0 || c["TcpEstabResets"] > 0, err
	}))
	return errors.Join(err, p.send(client, request), p.send(server, answer), p.finish())
}

// playRewritten sends what a middlebox changes. With one path that is the end of
// MPTCP, and the changed data arrives; with two it is the end of a subflow.
func playRewritten(subflows int) func(*stage) error {
	return func(s *stage) error {
		p, err := s.dial(false)
		if err == nil && subflows > 1 {
			err = p.subflows(subflows)
		}
		if err != nil {
			return err
		}
		for range 40 {
			if err := p.sendText(sought); err != nil {
				return err
			}
			time.Sleep(3 * time.Millisecond)
		}
		return errors.Join(p.send(server, answer), p.finish())
	}
}
