package capture

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	hop, routing, options, fragments = unix.IPPROTO_HOPOPTS, unix.IPPROTO_ROUTING, unix.IPPROTO_DSTOPTS, unix.IPPROTO_FRAGMENT
	isTCP, isUDP                     = unix.IPPROTO_TCP, unix.IPPROTO_UDP
	v4, v6, vlan, service            = unix.ETH_P_IP, unix.ETH_P_IPV6, unix.ETH_P_8021Q, unix.ETH_P_8021AD
)

// filtered are frames and whether the TCP filter passes them.
var filtered = []struct {
	name   string
	frame  []byte
	pass   bool
	missed bool // is TCP all the same
}{
	{"tcp4", ethernet(v4, ipv4(isTCP, 0, 0), tcp()), true, false},
	{"tcp4 with options", ethernet(v4, ipv4(isTCP, 0, 10), tcp()), true, false},
	{"tcp4 later fragment", ethernet(v4, ipv4(isTCP, 100, 0), tcp()), true, false},
	{"udp4", ethernet(v4, ipv4(isUDP, 0, 0), tcp()), false, false},
	{"tcp4 in tunnel", ethernet(v4, ipv4(unix.IPPROTO_IPIP, 0, 0), ipv4(isTCP, 0, 0), tcp()), false, true},
	{"arp", ethernet(unix.ETH_P_ARP, make([]byte, 46)), false, false},
	{"tcp6", ethernet(v6, ipv6(isTCP, tcp())), true, false},
	{"udp6", ethernet(v6, ipv6(isUDP, tcp())), false, false},
	{"tcp6 behind hop-by-hop", ethernet(v6, ipv6(hop, extension(isTCP, 0), tcp())), true, false},
	{"tcp6 behind long options", ethernet(v6, ipv6(options, extension(isTCP, 30), tcp())), true, false},
	{"tcp6 behind four kinds", ethernet(v6, ipv6(hop, extension(options, 1), extension(routing, 2),
		extension(fragments, 0), fragment(isTCP, 0), tcp())), true, false},
	{"udp6 behind options", ethernet(v6, ipv6(hop, extension(options, 1), extension(isUDP, 0), tcp())), false, false},
	{"tcp6 behind six", ethernet(v6, ipv6(options, extension(options, 0), extension(options, 0), extension(options, 0),
		extension(options, 0), extension(options, 0), extension(isTCP, 0), tcp())), true, false},
	{"tcp6 behind seven", ethernet(v6, ipv6(options, extension(options, 0), extension(options, 0), extension(options, 0),
		extension(options, 0), extension(options, 0), extension(options, 0), extension(isTCP, 0), tcp())), false, true},
	{"tcp6 first fragment", ethernet(v6, ipv6(fragments, fragment(isTCP, 0), tcp())), true, false},
	{"tcp6 first fragment, options", ethernet(v6, ipv6(fragments, fragment(options, 0), extension(isTCP, 0), tcp())), true, false},
	{"tcp6 later fragment", ethernet(v6, ipv6(fragments, fragment(isTCP, 1448), tcp())), true, false},
	{"udp6 later fragment", ethernet(v6, ipv6(fragments, fragment(isUDP, 1448), tcp())), false, false},
	{"later fragment of options", ethernet(v6, ipv6(fragments, fragment(options, 1448), extension(isTCP, 0), tcp())), false, false},
	{"tagged tcp4", ethernet(vlan, tag(5, v4), ipv4(isTCP, 0, 0), tcp()), true, false},
	{"tagged tcp6", ethernet(service, tag(5, v6), ipv6(hop, extension(isTCP, 1), tcp())), true, false},
	{"tagged udp4", ethernet(vlan, tag(5, v4), ipv4(isUDP, 0, 0), tcp()), false, false},
	{"cut tcp6", ethernet(v6, ipv6(hop)), false, false},
	{"cut tcp4", ethernet(v4, ipv4(isTCP, 0, 0)[:9]), false, false},
}

func TestTCPFilterProgram(t *testing.T) {
	vm, err := bpf.NewVM(content(Filter{TCP: true}, 1000))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range filtered {
		keep, err := vm.Run(tt.frame)
		if err != nil || keep != 0 != tt.pass || keep != 0 && keep != 1000 {
			t.Errorf("%s: keeps %d (%v), want pass %v", tt.name, keep, err, tt.pass)
		}
	}
}

// TestTCPFilterOnWire has the kernel filter, and another judge the same frames.
func TestTCPFilterOnWire(t *testing.T) {
	a, _ := pairs6(t, 1)
	everything := listen(t, a, []string{"a0"}, Options{})
	filter := listen(t, a, []string{"a0"}, Options{Filter: Filter{TCP: true}})
	var want []string
	for _, tt := range filtered {
		inject(t, a, "a0", tt.frame)
		if tt.pass {
			want = append(want, hex.EncodeToString(tt.frame))
		}
	}
	var got []string
	for _, p := range drain(t, filter) {
		got = append(got, hex.EncodeToString(p.Data))
	}
	if w, g := strings.Join(want, "\n"), strings.Join(got, "\n"); w != g {
		t.Errorf("captured\n%s\nwant\n%s", g, w)
	}
	if s := stats(t, filter); s != (Stats{Packets: uint64(len(want))}) {
		t.Errorf("stats %+v, want %d packets", s, len(want))
	}

	file := filepath.Join(t.TempDir(), "all.pcapng")
	save(t, file, []Interface{{Name: "a0"}}, slices.DeleteFunc(drain(t, everything), func(p Packet) bool {
		return !bytes.Equal(p.Data[6:12], injector)
	}))
	var agreed []string
	for i, tt := range filtered {
		if tt.pass || tt.missed {
			agreed = append(agreed, fmt.Sprint(i+1))
		}
	}
	judged := tshark(t, file, "-o", "ipv6.defragment:FALSE", "-Y", "ip.proto == 6 || ipv6.fraghdr.nxt == 6 || tcp", "-T", "fields", "-e", "frame.number")
	if diff := cmp.Diff(agreed, judged); diff != "" {
		t.Errorf("-ours +tshark\n%s", diff)
	}
}

func TestNoFrameBeforeFilter(t *testing.T) {
	a, b := pairs(t, 2)
	quit := make(chan struct{})
	var senders sync.WaitGroup
	for cable := range 2 {
		udp(t, b, fmt.Sprintf("10.0.%d.2:%d", cable, port), "")
		c := udp(t, a, fmt.Sprintf("10.0.%d.1:0", cable), fmt.Sprintf("10.0.%d.2:%d", cable, port))
		senders.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
					c.Write(numbered(0, 100))
				}
			}
		})
	}
	defer senders.Wait()
	defer close(quit)
	for range 20 {
		r := listen(t, a, []string{"a0"}, Options{Filter: Filter{TCP: true}, RingBytes: 1 << 20})
		if packets := drain(t, r); len(packets) > 0 {
			t.Errorf("%d packets that are not TCP, first %x", len(packets), packets[0].Data)
		}
		if s := stats(t, r); s != (Stats{}) {
			t.Errorf("stats %+v", s)
		}
		r.Close()
	}
}

func TestTCPFilterOnConnections(t *testing.T) {
	a, b := pairs6(t, 1)
	for _, address := range []string{"10.0.0.2:7000", "[fd00::2]:7000"} {
		t.Run(address, func(t *testing.T) {
			r := listen(t, a, []string{"a0"}, Options{Filter: Filter{TCP: true}})
			remote := "10.0.0.2:7001"
			udp(t, b, remote, "")
			send(t, udp(t, a, "10.0.0.1:0", remote), 0, 10, 100)
			client, server := connect(t, a, b, address)
			client.Write([]byte("all roads"))
			client.Close()
			var received bytes.Buffer
			if _, err := received.ReadFrom(server); err != nil {
				t.Fatal(err)
			}
			var flags, data string
			for _, p := range drain(t, r) {
				decoded := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
				segment, ok := decoded.Layer(layers.LayerTypeTCP).(*layers.TCP)
				if !ok {
					t.Errorf("not TCP: %x", p.Data)
					continue
				}
				if segment.SYN {
					flags += "S"
				}
				if segment.FIN {
					flags += "F"
				}
				data += string(segment.Payload)
			}
			if data != "all roads" || !strings.HasPrefix(flags, "SSF") {
				t.Errorf("captured %q with flags %s", data, flags)
			}
		})
	}
}

func TestTooManyInterfaces(t *testing.T) {
	if _, err := assemble(onLinks(make([]link, 3000)), Filter{}, 100); err == nil {
		t.Error("a filter for 3000 interfaces")
	}
	if _, err := assemble(onLinks(make([]link, 1500)), Filter{TCP: true}, 100); err != nil {
		t.Errorf("filter for 1500 interfaces: %v", err)
	}
}
