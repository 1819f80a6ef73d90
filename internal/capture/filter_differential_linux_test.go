package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/bpf"
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// conditions are filters, and what tcpdump calls the same. (Its port is also UDP's
// and its host also ARP's.)
var conditions = []struct {
	filter Filter
	theirs string
}{
	{Filter{}, ""},
	{Filter{TCP: true}, "tcp or ip6 proto 6"},
	{Filter{Ports: []uint16{80}}, "tcp port 80"},
	{Filter{Ports: []uint16{80, 443}}, "tcp port 80 and tcp port 443"},
	{Filter{Hosts: prefixes("10.0.0.1/32")}, "ip host 10.0.0.1"},
	{Filter{Hosts: prefixes("10.0.0.1/32", "10.0.3.2/32")}, "ip host 10.0.0.1 and ip host 10.0.3.2"},
	{Filter{Hosts: prefixes("10.0.2.0/23")}, "ip net 10.0.2.0/23"},
	{Filter{Hosts: prefixes("10.0.2.0/23"), Ports: []uint16{443}}, "ip net 10.0.2.0/23 and tcp port 443"},
	{Filter{Hosts: prefixes("10.0.2.0/23"), TCP: true}, "ip net 10.0.2.0/23 and tcp"},
	{Filter{Hosts: prefixes("0.0.0.0/0")}, "ip"},
	{Filter{Hosts: prefixes("::/0"), TCP: true}, "ip6 proto 6"},
	{Filter{Hosts: prefixes("fd00::1/128")}, "ip6 host fd00::1"},
	{Filter{Hosts: prefixes("fd00::1/128", "fd00:0:0:3::2/128"), Ports: []uint16{80}}, "ip6 host fd00::1 and ip6 host fd00:0:0:3::2 and tcp port 80"},
	{Filter{Hosts: prefixes("fd00:0:0:2::/63")}, "ip6 net fd00:0:0:2::/63"},
	{Filter{Hosts: prefixes("fd00::/64", "fd00:0:0:2::/63")}, "ip6 net fd00::/64 and ip6 net fd00:0:0:2::/63"},
	{Filter{Hosts: prefixes("fc00::/7"), Ports: []uint16{80}}, "ip6 net fc00::/7 and tcp port 80"},
}

// randomFrame is of one of a few addresses, ports and protocols, so that most
// conditions are met now and then.
func randomFrame(r *rand.Rand) []byte {
	pick := func(n int) byte { return byte(r.IntN(n)) }
	protocol := []byte{isTCP, isTCP, isTCP, isUDP}[pick(4)]
	segment := tcp()
	ports := []uint16{80, 443, 1000, 80 << 8}
	binary.BigEndian.PutUint16(segment, ports[pick(4)])
	binary.BigEndian.PutUint16(segment[2:], ports[pick(4)])
	if pick(2) == 0 {
		header := ipv4(protocol, []uint16{0, 0, 0, 185, 0x2000}[pick(5)], 4*int(pick(4)))
		copy(header[12:], []byte{10, 0, pick(4), 1 + pick(2), 10, 0, pick(4), 1 + pick(2)})
		return ethernet(v4, header, segment)
	}
	packet := ipv6(protocol, segment)
	for _, at := range []int{8, 24} {
		copy(packet[at:], []byte{0xfd, 0, 0, 0, 0, 0, 0, pick(4), 0, 0, 0, 0, 0, 0, 0, 1 + pick(2)})
	}
	return ethernet(v6, packet)
}

// TestFilterSameAsTcpdump runs our programs and tcpdump over the same frames.
func TestFilterSameAsTcpdump(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	frames := make([][]byte, 3000)
	file := filepath.Join(t.TempDir(), "frames.pcapng")
	packets := make([]Packet, len(frames))
	for i := range frames {
		frames[i] = randomFrame(r)
		packets[i] = Packet{Time: int64(i) * 1000, Data: frames[i], Length: len(frames[i])}
	}
	save(t, file, []Interface{{Name: "a0"}}, packets)
	for _, c := range conditions {
		vm, err := bpf.NewVM(content(c.filter, 1000))
		if err != nil {
			t.Fatal(err)
		}
		var ours, theirs []string
		for i, frame := range frames {
			if keep, err := vm.Run(frame); err != nil {
				t.Fatal(err)
			} else if keep > 0 {
				ours = append(ours, fmt.Sprint(i))
			}
		}
		passed := filepath.Join(t.TempDir(), "passed.pcap")
		runTcpdump(t, "-r", file, "-w", passed, "-Z", "root", c.theirs)
		packets, err := readPackets(openFile(t, passed))
		if err != io.EOF {
			t.Fatal(err)
		}
		for _, p := range packets {
			theirs = append(theirs, fmt.Sprint(p.Time/1000))
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%q: -tcpdump +ours\n%s", c.theirs, diff)
		}
		if n := len(ours); n == 0 || n == len(frames) && c.theirs != "" {
			t.Errorf("%q: %d of %d frames pass", c.theirs, n, len(frames))
		}
	}
}

// TestPortFilterBehindHeaders has ports behind what tcpdump does not look through.
func TestPortFilterBehindHeaders(t *testing.T) {
	segment := tcp()
	binary.BigEndian.PutUint16(segment[2:], 443)
	other := tcp()
	binary.BigEndian.PutUint16(other[2:], 444)
	vm, err := bpf.NewVM(content(Filter{Ports: []uint16{443}}, 1000))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		frame []byte
		pass  bool
	}{
		"options":         {ethernet(v6, ipv6(hop, extension(options, 2), extension(isTCP, 0), segment)), true},
		"first fragment":  {ethernet(v6, ipv6(fragments, fragment(isTCP, 0), segment)), true},
		"later fragment":  {ethernet(v6, ipv6(fragments, fragment(isTCP, 1448), segment)), false},
		"another port":    {ethernet(v6, ipv6(hop, extension(isTCP, 0), other)), false},
		"UDP":             {ethernet(v6, ipv6(hop, extension(isUDP, 0), segment)), false},
		"six headers":     {ethernet(v6, ipv6(hop, extension(options, 0), extension(options, 0), extension(options, 0), extension(options, 0), extension(options, 0), extension(isTCP, 0), segment)), true},
		"tag, IPv4":       {ethernet(vlan, tag(5, v4), ipv4(isTCP, 0, 8), segment), true},
		"tag, IPv6":       {ethernet(vlan, tag(5, v6), ipv6(hop, extension(isTCP, 1), segment)), true},
		"tag, other port": {ethernet(vlan, tag(5, v4), ipv4(isTCP, 0, 8), other), false},
		"cut":             {ethernet(v4, ipv4(isTCP, 0, 0), segment[:3]), false},
	} {
		if keep, err := vm.Run(tt.frame); err != nil || keep > 0 != tt.pass {
			t.Errorf("%s: keeps %d, %v, want pass %v", name, keep, err, tt.pass)
		}
	}
}
