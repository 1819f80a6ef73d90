package packets_test

import (
	"net/netip"
	"testing"

	"allroads/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// scene is a short connection of two kernels in a lab, with what there is to see
// in its packets.
type scene struct {
	name  string
	six   bool
	setup func(*lab.Topology)
	play  func(*stage)
	wants []string // parts of lines, without which the scene is not what it is called
}

var scenes = []scene{
	{name: "join", play: (*stage).both, wants: []string{
		"MP_CAPABLE v1 flags=H (HMAC-SHA256)", " data_len=", "MP_JOIN syn id=1 token=0x", "MP_JOIN syn/ack id=0 hmac=0x", "(v1, HMAC-SHA256)", "(DATA_FIN)",
	}},
	{name: "six", six: true, play: (*stage).both, wants: []string{"[fd77:1::2]:", "MP_JOIN ack hmac=0x", "(DATA_FIN)"}},
	{name: "checksum", setup: checksum, play: (*stage).both, wants: []string{
		"flags=A H (checksum required, HMAC-SHA256)", " csum=0x", " data_len=",
	}},
	{name: "deny", setup: deny, play: (*stage).alone, wants: []string{" flags=C H sender_key=0x", " (deny join to this address, HMAC-SHA256; "}},
	{name: "backup", setup: backup, play: (*stage).priority, wants: []string{"MP_JOIN syn id=1 backup", "MP_PRIO nobackup", "MP_PRIO backup"}},
	{name: "announce", setup: announce, play: (*stage).withdraw, wants: []string{
		"| ADD_ADDR id=7 10.77.1.1 hmac=0x", "| ADD_ADDR echo id=7 10.77.1.1", "REMOVE_ADDR ids=7",
	}},
	{name: "announce six and port", six: true, setup: announcePort, play: (*stage).both, wants: []string{
		"ADD_ADDR id=7 [fd77:1::1]:4400 hmac=0x", "ADD_ADDR echo id=7 [fd77:1::1]:4400", "4400 > ",
	}},
	{name: "announce port", setup: announcePort, play: (*stage).both, wants: []string{
		"ADD_ADDR id=7 10.77.1.1:4400 hmac=0x", "ADD_ADDR echo id=7 10.77.1.1:4400", "4400 > ",
	}},
	{name: "fast close", play: (*stage).abort, wants: []string{"MP_FASTCLOSE key=0x", " (receiver token=0x"}},
	{name: "refused", setup: refuse, play: (*stage).alone, wants: []string{`MP_TCPRST reason="administratively prohibited"`}},
	{name: "altered", setup: alter, play: (*stage).query, wants: []string{"MP_FAIL dsn=", "(infinite mapping"}},
}

func (s scene) ip(link, host byte) netip.Addr {
	if s.six {
		return netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x77, 3: link, 15: host})
	}
	return netip.AddrFrom4([4]byte{10, 77, link, host})
}

func (s scene) topology() *lab.Topology {
	limits := &lab.LimitsConfig{Subflows: 4, AddAddrAccepted: 4}
	t := &lab.Topology{Name: "packets", Hosts: []lab.HostConfig{
		{Name: "client", Sysctls: map[string]string{"net.ipv4.conf.all.rp_filter": "0"}, MPTCP: lab.MPTCPConfig{Limits: limits}},
		{Name: "server", Sysctls: map[string]string{"net.ipv4.conf.all.rp_filter": "0"}, MPTCP: lab.MPTCPConfig{Limits: &lab.LimitsConfig{Subflows: 4}}},
	}}
	t.Hosts[0].MPTCP.Endpoints = []lab.EndpointConfig{{Address: s.ip(1, 2), Dev: "blue", ID: 1, Flags: []string{"subflow"}}}
	bits := s.ip(0, 0).BitLen() - 8
	for i, name := range []string{"red", "blue"} {
		t.Links = append(t.Links, lab.LinkConfig{Name: name, Ends: []lab.EndConfig{
			{Host: "client", Interface: name, Addresses: []netip.Prefix{netip.PrefixFrom(s.ip(byte(i), 2), bits)}},
			{Host: "server", Interface: name, Addresses: []netip.Prefix{netip.PrefixFrom(s.ip(byte(i), 1), bits)}},
		}})
	}
	if s.six { // IPv4 takes what is on no link's network for near, IPv6 does not.
		to := lab.Destination{Prefix: netip.PrefixFrom(s.ip(0, 0), bits)}
		t.Hosts[0].Routes = []lab.RouteConfig{{To: to, Via: s.ip(1, 1), Dev: "blue", Metric: 2048}}
	}
	if s.setup != nil {
		s.setup(t)
	}
	return t
}

func checksum(t *lab.Topology) {
	for i := range t.Hosts {
		t.Hosts[i].Sysctls["net.mptcp.checksum_enabled"] = "1"
	}
}

func deny(t *lab.Topology) {
	t.Hosts[1].Sysctls["net.mptcp.allow_join_initial_addr_port"] = "0"
}

func backup(t *lab.Topology) {
	e := &t.Hosts[0].MPTCP.Endpoints[0]
	e.Flags = append(e.Flags, "backup")
}

func announce(t *lab.Topology) {
	t.Hosts[0].MPTCP.Endpoints = nil
	address := t.Links[1].Ends[1].Addresses[0].Addr()
	t.Hosts[1].MPTCP.Endpoints = []lab.EndpointConfig{{Address: address, Dev: "blue", ID: 7, Flags: []string{"signal"}}}
}

// announcePort leaves timestamps off: with them the options have no room for an
// IPv6 address, a port and an HMAC.
func announcePort(t *lab.Topology) {
	announce(t)
	for i := range t.Hosts {
		t.Hosts[i].Sysctls["net.ipv4.tcp_timestamps"] = "0"
	}
	t.Hosts[1].MPTCP.Endpoints[0].Port = 4400
}

func refuse(t *lab.Topology) { t.Hosts[1].MPTCP.Limits.Subflows = 0 }

// alter has a middlebox change data on the only path, which the checksum reveals.
func alter(t *lab.Topology) {
	checksum(t)
	t.Hosts[0].MPTCP.Endpoints = nil
	t.Links[0].Middlebox = []lab.LinkRule{{From: "client", MiddleboxRule: lab.MiddleboxRule{
		Do: "rewrite", Find: "query", Replace: "QUERY",
	}}}
}
