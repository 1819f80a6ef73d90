package packets_test

import (
	"slices"
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
	"allroads/wire"
)

// head is what the lines of single packets begin with.
const head = "    1 0.000000000 "

func TestOneLine(t *testing.T) {
	dss := wire.AppendDSS(nil, &wire.DSS{HasAck: true, DataAck: 1})
	for name, tt := range map[string]struct {
		packet trace.Packet
		want   string
	}{
		"bare":     {raw(segment(client, server, trace.FIN|trace.PSH|trace.ACK|trace.URG|trace.ECE|trace.CWR, nil, "")), "[FP.UEW] seq 1001 ack 1001 win 1000 len 0"},
		"no flags": {raw(segment(client, server, 0, nil, "abc")), "[none] seq 1001 win 1000 len 3"},
		"options": {
			raw(segment(client, server, trace.SYN, []byte{2, 4, 5, 180, 4, 2, 3, 3, 7, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 34, 2, 1, 34, 6, 1, 2, 3, 4, 99, 3, 1}, "")),
			"[S] seq 0 win 1000 len 0 <mss 1460,sackOK,wscale 7,ts 9:8,tfo request,tfo 0x01020304,kind 99 0x01>",
		},
		"wrong lengths": {
			raw(segment(client, server, trace.ACK, []byte{2, 3, 1, 3, 2, 5, 6, 1, 2, 3, 4, 8, 2}, "")),
			" <kind 2 malformed: 0x020301,kind 3 malformed: 0x0302,kind 5 0x01020304,kind 8 malformed: 0x0802>",
		},
		"end of options":      {raw(segment(client, server, trace.ACK, []byte{0, 30, 3, 0x50}, "")), "len 0"},
		"past the end":        {raw(segment(client, server, trace.ACK, []byte{1, 1, 30, 12, 0x20, 1, 0, 0}, "")), "len 0 | DSS malformed: 0x1e0c20010000"},
		"past the end, other": {raw(segment(client, server, trace.ACK, []byte{1, 1, 8, 10}, "")), "len 0 <kind 8 malformed: 0x080a>"},
		"no length":           {raw(segment(client, server, trace.ACK, []byte{1, 1, 1, 30}, "")), "len 0 | MPTCP option malformed: 0x1e"},
		"length 0":            {raw(segment(client, server, trace.ACK, []byte{30, 0, 0x50, 1}, "")), "len 0 | MPTCP option malformed: 0x1e005001"},
		"length 2":            {raw(segment(client, server, trace.ACK, []byte{30, 2, 1, 1}, "")), "len 0 | option malformed: wrong option length 0x1e02"},
		"unknown subtype":     {raw(segment(client, server, trace.ACK, []byte{30, 4, 0x91, 2}, "")), "len 0 | subtype 9 nibble=0x1 0x02"},
		"unknown, malformed":  {raw(segment(client, server, trace.ACK, []byte{30, 9, 0xa1, 2}, "")), "len 0 | subtype 10 malformed: 0x1e09a102"},
		"wrong form":          {raw(segment(client, server, trace.ACK, []byte{30, 4, 0x20, 1}, "")), "len 0 | DSS malformed: wrong option length 0x1e042001"},
		"version 3":           {raw(segment(client, server, trace.SYN, []byte{30, 4, 3, 1}, "")), "| MP_CAPABLE v3 flags=H (unknown version)"},
		"all flags":           {raw(segment(client, server, trace.SYN, []byte{30, 4, 1, 0xff}, "")), "(checksum required, extensible, deny join to this address, HMAC-SHA256)"},
		"C in version 0":      {raw(segment(client, server, trace.SYN, append([]byte{30, 12, 0, 0x21}, make([]byte, 8)...), "")), "flags=C H sender_key=0x0000000000000000 (HMAC-SHA1; sender token=0x05fe4057 idsn=12417979246923204585)"},
		"no algorithm":        {raw(segment(client, server, trace.SYN, append([]byte{30, 12, 1, 0}, make([]byte, 8)...), "")), "=0x0000000000000000 (no known algorithm)"},
		"join of nothing":     {raw(segment(client, server, trace.SYN, []byte{30, 12, 0x10, 1, 1, 2, 3, 4, 5, 6, 7, 8}, "")), "token=0x01020304 nonce=0x05060708 (unknown version)"},
		"join's ACK":          {raw(segment(client, server, trace.ACK, append([]byte{30, 24, 0x10, 0}, make([]byte, 20)...), "")), "00 (unknown version, HMAC)"},
		"several":             {raw(segment(client, server, trace.ACK, append(dss, 30, 3, 0x51), "")), "| DSS ack32=1 | MP_PRIO backup"},
		"infinite and DATA_FIN": {
			raw(segment(client, server, trace.ACK, wire.AppendDSS(nil, &wire.DSS{HasMap: true, DataFIN: true}), "")), "len=0 infinite fin (infinite mapping, DATA_FIN)",
		},
		"UDP":      {raw(append(ip4(client.Addr(), server.Addr(), 17, 12), 0x9c, 0x40, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4)), "10.0.0.2:40000 > 10.0.0.1:53 UDP len 4, 32 bytes"},
		"UDP, cut": {cut(raw(append(ip4(client.Addr(), server.Addr(), 17, 12), 0x9c, 0x40, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4)), 25), "10.0.0.2 > 10.0.0.1 UDP, 25 of 32 bytes"},
		"echo":     {raw(append(ip4(client.Addr(), server.Addr(), 1, 4), 8, 0, 0, 0)), "10.0.0.2 > 10.0.0.1 ICMP echo request, 24 bytes"},
		"ICMP":     {raw(append(ip4(client.Addr(), server.Addr(), 1, 4), 13, 2, 0, 0)), "10.0.0.2 > 10.0.0.1 ICMP type 13 code 2, 24 bytes"},
		"VLAN and SLL2": {
			trace.Packet{Link: trace.SLL2, Data: slices.Concat([]byte{0x81, 0, 0, 0, 0, 0, 0, 9}, make([]byte, 12), []byte{0, 42, 8, 0}, segment(client, server, trace.ACK, nil, ""))},
			" ifindex 9 vlan 42 10.0.0.2:40000 > 10.0.0.1:80 [.] seq 1001 ack 1001 win 1000 len 0",
		},
		"GRE": {
			raw(slices.Concat(ip4(client2.Addr(), server.Addr(), 47, 44), []byte{0, 0, 8, 0}, segment(client, server, trace.ACK, nil, ""))),
			" GRE 10.0.0.2:40000 > 10.0.0.1:80 [.] seq 1001 ack 1001 win 1000 len 0",
		},
		"IP in IP": {
			raw(slices.Concat(ip4(client2.Addr(), server.Addr(), 4, 40), segment(client, server, trace.ACK, nil, ""))),
			" IP-in-IP 10.0.0.2:40000 > 10.0.0.1:80 [.] seq 1001 ack 1001 win 1000 len 0",
		},
		"first fragment": {raw(moreFragments(segment(client, server, trace.ACK, nil, "abcdefgh"))), "len 8 first fragment"},
		"loopback":       {trace.Packet{Link: trace.Null, Data: slices.Concat([]byte{2, 0, 0, 0}, ip4(client.Addr(), server.Addr(), 89, 0)), Length: 24}, "10.0.0.2 > 10.0.0.1 OSPF, 24 bytes"},
		"SLL": {
			trace.Packet{Link: trace.SLL, Data: slices.Concat(make([]byte, 14), []byte{8, 6}, make([]byte, 28)), Length: 44}, "ARP, 44 bytes",
		},
		"IPv6 behind options": {
			raw(slices.Concat([]byte{0x60, 0, 0, 0, 0, 16, 0, 9}, make([]byte, 15), []byte{1}, make([]byte, 15), []byte{2}, []byte{58, 0, 1, 4, 0, 0, 0, 0, 129, 0, 0, 0, 0, 0, 0, 0})),
			" ::1 > ::2 ICMPv6 echo reply, 56 bytes",
		},
		"ADD_ADDR of v0 in v1": {
			raw(segment(client, server, trace.SYN|trace.ACK, append([]byte{30, 4, 1, 1}, 30, 8, 0x34, 1, 10, 0, 0, 9), "")),
			"| ADD_ADDR v0 id=1 10.0.0.9 (not of the connection's v1)",
		},
		"ADD_ADDR, wrong length": {raw(segment(client, server, trace.ACK, []byte{30, 6, 0x31, 1, 10, 0}, "")), "| ADD_ADDR malformed: wrong option length 0x1e0631010a00"},
		"fast close of nobody":   {raw(segment(client, server, trace.RST, append([]byte{30, 12, 0x70, 0}, make([]byte, 8)...), "")), "| MP_FASTCLOSE key=0x0000000000000000"},
		"malformed and cut":      {cut(raw(segment(client, server, trace.ACK, []byte{30, 1, 0x70, 0, 1, 1, 1, 1}, "")), 44), "| MPTCP option malformed and cut off: 0x1e017000"},
		"SCTP":                   {raw(append(ip4(client.Addr(), server.Addr(), 132, 4), 13, 2, 0, 0)), "10.0.0.2 > 10.0.0.1 SCTP, 24 bytes"},
		"unknown protocol":       {raw(append(ip4(client.Addr(), server.Addr(), 200, 4), 13, 2, 0, 0)), "10.0.0.2 > 10.0.0.1 IP protocol 200, 24 bytes"},
		"later fragment":         {raw(fragment(segment(client, server, trace.ACK, nil, "abcdefgh"))), "10.0.0.2 > 10.0.0.1 TCP, later fragment, 48 bytes"},
		"TCP without sense":      {raw(append(ip4(client.Addr(), server.Addr(), 6, 20), make([]byte, 20)...)), "10.0.0.2 > 10.0.0.1 TCP malformed, 40 bytes"},
		"LLDP":                   {trace.Packet{Data: append(make([]byte, 12), 0x88, 0xcc, 1), Length: 15}, "LLDP, 15 bytes"},
		"EtherType":              {trace.Packet{Data: append(make([]byte, 12), 0x12, 0x34, 1), Length: 15}, "EtherType 0x1234, 15 bytes"},
		"802.3":                  {trace.Packet{Data: append(make([]byte, 12), 0, 3, 1, 2, 3), Length: 17}, "IEEE 802.3 without an EtherType, 17 bytes"},
		"unknown link":           {trace.Packet{Link: 99, Data: []byte{1, 2, 3}, Length: 3}, "unknown link type, 3 bytes"},
		"nothing":                {trace.Packet{Length: 60}, "headers cut off, 0 of 60 bytes"},
		"raw nothing":            {raw([]byte{0x10}), "headers cut off, 1 bytes"},
	} {
		got := printed(t, packets.Options{}, tt.packet)
		if len(got) != 1 || !strings.HasPrefix(got[0], head) || !strings.HasSuffix(got[0], tt.want) {
			t.Errorf("%s: %q, want %q at the end", name, got, tt.want)
		}
	}
}

// moreFragments is a packet made the first fragment of itself.
func moreFragments(ip []byte) []byte {
	ip[6] = 0x20
	return ip
}

// fragment is a packet made a later fragment of another.
func fragment(ip []byte) []byte {
	ip[7] = 5
	return ip
}

func cut(p trace.Packet, size int) trace.Packet {
	p.Data = p.Data[:min(size, len(p.Data))]
	return p
}
