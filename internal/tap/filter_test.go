package tap_test

import (
	"fmt"
	"strings"
	"testing"

	"allroads/internal/tap"
)

func TestParseFilter(t *testing.T) {
	for text, want := range map[string]string{
		"none":                               "{TCP:false Hosts:[] Ports:[]}",
		"tcp":                                "{TCP:true Hosts:[] Ports:[]}",
		" tcp  and tcp ":                     "{TCP:true Hosts:[] Ports:[]}",
		"port 443":                           "{TCP:false Hosts:[] Ports:[443]}",
		"tcp and port 1 and port 65535":      "{TCP:true Hosts:[] Ports:[1 65535]}",
		"port 80 and port 80 and port 1":     "{TCP:false Hosts:[] Ports:[80 80 1]}",
		"host 10.0.0.1 and net 10.1.0.0/16":  "{TCP:false Hosts:[10.0.0.1/32 10.1.0.0/16] Ports:[]}",
		"host 2001:db8::1 and net fd00::/8":  "{TCP:false Hosts:[2001:db8::1/128 fd00::/8] Ports:[]}",
		"host ::ffff:10.0.0.1":               "{TCP:false Hosts:[10.0.0.1/32] Ports:[]}",
		"net 0.0.0.0/0 and host 192.0.2.255": "{TCP:false Hosts:[0.0.0.0/0 192.0.2.255/32] Ports:[]}",
	} {
		f, err := tap.ParseFilter(text)
		if got := fmt.Sprintf("%+v", f); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestParseFilterErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "an empty filter: say tcp, port N",
		"mptcp":                         `unknown word "mptcp": which packets belong to an MPTCP connection is not to be seen from each alone, since plain ACKs and FINs carry no option of it: use tcp`,
		"tcp or udp":                    `"or", where "and" or the end was expected: conditions can only be joined by and`,
		"tcp port 80":                   `"port", where "and" or the end was expected: did you mean and port?`,
		"tcp and":                       `nothing behind "and"`,
		"port":                          `nothing behind "port"`,
		"port http":                     "port http: not a number from 1 to 65535",
		"port 0":                        "port 0: not a number",
		"port 65536":                    "port 65536: not a number",
		"prot 80":                       `unknown word "prot": did you mean port?`,
		"TCP":                           `unknown word "TCP": did you mean tcp?`,
		"hst 10.0.0.1":                  `did you mean host?`,
		"src host 10.0.0.1":             `unknown word "src": host, net and port mean either end`,
		"udp":                           `of protocols there is only tcp`,
		"frobnicate":                    `unknown word "frobnicate": there are tcp, port N, host ADDRESS, net PREFIX, joined by and; or none`,
		"tcp and none":                  "none stands alone",
		"host 10.0.0":                   "host 10.0.0: not an IPv4 or IPv6 address",
		"host fe80::1%eth0":             "not an IPv4 or IPv6 address",
		"host 10.0.0.0/8":               "did you mean net 10.0.0.0/8?",
		"net 10.0.0.1":                  "did you mean host 10.0.0.1?",
		"net 10.0.0.1/8":                "bits behind the prefix: did you mean net 10.0.0.0/8?",
		"net ten":                       "not a prefix such as",
		"net ::ffff:10.0.0.0/104":       "say it as IPv4",
		"host 10.0.0.1 and host fd00::": "no packet has both",
		"port 1 and port 2 and port 3":  "more than two ports",
		"host 10.0.0.1 and host 10.0.0.2 and host 10.0.0.3": "more than two hosts",
	} {
		f, err := tap.ParseFilter(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v\nwant %s", text, f, err, want)
		}
	}
}
