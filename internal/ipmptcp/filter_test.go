package ipmptcp_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/pathmanager"
)

func TestFilter(t *testing.T) {
	a := netip.MustParseAddr
	events := []pathmanager.Event{
		{Type: pathmanager.Created, NetNSID: -1, Token: 1, Source: a("10.0.0.1"), Destination: a("10.0.0.2")},
		{Type: pathmanager.Created, NetNSID: -1, Token: 2, Source: a("::ffff:10.0.0.2"), Destination: a("::ffff:10.0.0.3")},
		{Type: pathmanager.SubflowEstablished, NetNSID: -1, Token: 1, Source: a("fd00::1"), Destination: a("fd00::2")},
		{Type: pathmanager.Closed, NetNSID: -1, Token: 2},
	}
	for filter, want := range map[string]string{
		"token=1":                           "02",
		"token=00000002":                    "13",
		"token=0x1,token=2":                 "0123",
		"event=created":                     "01",
		"event=SF_ESTABLISHED":              "2",
		"event=sf-established,event=closed": "23",
		"address=10.0.0.2":                  "01",
		"address=::ffff:10.0.0.3":           "1",
		"address=fd00::2":                   "2",
		"token=1,event=created":             "0",
		"token=1,address=10.0.0.3":          "",
		"token=3":                           "",
	} {
		all := strings.SplitAfter(follow(t, source{events: events}).out, "\n")
		var lines string
		for _, index := range want {
			lines += all[index-'0']
		}
		for _, words := range [][]string{{"--filter", filter}, {"--filter=" + filter}} {
			if got := follow(t, source{events: events}, words...); got.out != lines {
				t.Errorf("%q: %+v, want\n%s", words, got, lines)
			}
		}
	}
}

func TestFilterRefused(t *testing.T) {
	for filter, want := range map[string]string{
		"":                `Error: argument "" is wrong: expected token=TOKEN, event=NAME or address=ADDRESS`,
		"token=":          `Error: argument "token=" is wrong: invalid token`,
		"token=123456789": `Error: argument "token=123456789" is wrong: invalid token`,
		"event=born":      `Error: argument "event=born" is wrong: unknown event: CREATED, ESTABLISHED, CLOSED, ANNOUNCED, REMOVED, SF_ESTABLISHED, SF_CLOSED, SF_PRIO, LISTENER_CREATED, LISTENER_CLOSED` + "\n",
		"address=host":    `Error: any valid address is expected rather than "host".`,
		"token=1,x=2":     `Error: argument "x=2" is wrong: expected`,
	} {
		if got := follow(t, source{}, "--filter", filter); !strings.HasPrefix(got.err, want) || got.out != "" || got.code == 0 {
			t.Errorf("%q: %+v, want %q", filter, got, want)
		}
	}
	if got := follow(t, source{}, "--filter"); got.code != 255 || got.err != "Command line is not complete. Try option \"help\"\n" {
		t.Errorf("--filter without a value: %+v", got)
	}
}
