package rtnl_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var corpus = flag.Bool("corpus", false, "write the kernel's messages to testdata/fuzz")

// TestCorpus records what this kernel sends, one message of each sort and length, for
// FuzzApply.
func TestCorpus(t *testing.T) {
	if !*corpus {
		t.Skip("only with -corpus")
	}
	h, _, _ := crossroads(t)
	o := observe(t, h.NS)
	const folder = "testdata/fuzz/FuzzApply"
	must(t, os.MkdirAll(folder, 0o755))
	seen := map[string]bool{}
	for _, commands := range []string{
		"tuntap add tun0 mode tun; link set tun0 up; addr add 10.8.0.1 peer 10.8.0.2/32 dev tun0; addr add fd00:8::1 peer fd00:8::2 dev tun0 nodad; link del tun0",
		"route add default via 10.0.1.2; route replace default via 10.0.2.2; -6 route add default via fd00:1::2; -6 route append default via fd00:2::2; -6 route del default via fd00:2::2",
		"route add 192.0.2.0/24 proto 77 nexthop via 10.0.1.2 nexthop via 10.0.2.2; route add blackhole 192.0.3.0/24 proto 77; route add default via inet6 fd00:1::2 dev one metric 5",
		"nexthop add id 1 via 10.0.1.2 dev one; nexthop add id 2 group 1; route add default nhid 2 metric 9; nexthop del id 1",
		"-6 route add default from fd00:1::/64 via fd00:1::2; -6 route add default via fd00:1::2 metric 3 expires 60",
		"rule add from 10.0.1.1 lookup 100 protocol 77; rule add not fwmark 4 lookup 6; rule add iif one lookup 7; -6 rule add to fd00::/8 lookup 70000; rule add uidrange 0-0 lookup 7; rule del iif one",
	} {
		for command := range strings.SplitSeq(commands, "; ") {
			ip(t, h.NS, command)
		}
	}
	o.Messages(func(kind, flags uint16, body []byte) {
		name := fmt.Sprintf("kernel-%d-%#x-%d", kind, flags, len(body))
		if !seen[name] {
			seen[name] = true
			must(t, os.WriteFile(folder+"/"+name, fmt.Appendf(nil, "go test fuzz v1\nuint16(%d)\nuint16(%d)\n[]byte(%q)\n", kind, flags, body), 0o644))
		}
	})
}
