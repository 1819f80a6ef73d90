package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestConnsAgreesWithSS: tokens, addresses and counters are those that ss prints
// of the same namespace, while nothing happens in it.
func TestConnsAgreesWithSS(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "")
		at, accepted := l.listen("[::]:4000")
		for i := range 20 {
			client, server := l.connect(fmt.Sprintf("10.0.%d.2:%d", 1+i%2, at.Port()), accepted)
			l.pass(server, client, strings.Repeat("x", 100*i+1))
		}
		for _, host := range []string{"client", "server"} {
			eventually(t, "quiet in "+host, func() bool { return l.subflows(host) == 30 }) // To blue's address there is but one way.
			ss, conns := map[string]bool{}, map[string]bool{}
			for range 20 { // An acknowledgement may be under way.
				if ss, conns = l.ssRows(host), l.connsRows(host); maps.Equal(ss, conns) {
					break
				}
			}
			if !maps.Equal(ss, conns) || len(ss) != 50 {
				t.Errorf("in %s ss shows %d\n%s\nconns %d\n%s", host, len(ss), rows(ss), len(conns), rows(conns))
			}
		}
	})
}

func rows(of map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(of)), "\n") }

// shownConns is what tests read of the JSON.
type shownConns struct {
	Connections []struct {
		Token    string
		Local    netip.Addr `json:"local_address"`
		Port     uint16     `json:"local_port"`
		Remote   netip.Addr `json:"remote_address"`
		Peer     uint16     `json:"remote_port"`
		Extra    int        `json:"extra_subflows"`
		Written  string     `json:"write_seq"`
		Expected string     `json:"rcv_nxt"`
		Subflows []struct {
			Local    netip.Addr `json:"local_address"`
			Port     uint16     `json:"local_port"`
			Remote   netip.Addr `json:"remote_address"`
			Peer     uint16     `json:"remote_port"`
			LocalID  int        `json:"local_id"`
			RemoteID int        `json:"remote_id"`
			Sent     int        `json:"bytes_sent"`
			Received int        `json:"bytes_received"`
		}
	}
}

func (l *connsLab) read(host string) (shown shownConns) {
	l.t.Helper()
	must(l.t, json.Unmarshal([]byte(l.ok(host, "--json")), &shown))
	return shown
}

func (l *connsLab) subflows(host string) (n int) {
	for _, c := range l.read(host).Connections {
		n += len(c.Subflows)
	}
	return n
}

func (l *connsLab) connsRows(host string) map[string]bool {
	found := map[string]bool{}
	for _, c := range l.read(host).Connections {
		found[fmt.Sprintf("%s %v %v subflows %d write_seq %s rcv_nxt %s", strings.TrimLeft(c.Token, "0"),
			netip.AddrPortFrom(c.Local, c.Port), netip.AddrPortFrom(c.Remote, c.Peer), c.Extra, c.Written, c.Expected)] = true
		for _, f := range c.Subflows {
			found[fmt.Sprintf("%s %v %v ids %d/%d sent %d received %d", strings.TrimLeft(c.Token, "0"), netip.AddrPortFrom(f.Local, f.Port),
				netip.AddrPortFrom(f.Remote, f.Peer), f.LocalID, f.RemoteID, f.Sent, f.Received)] = true
		}
	}
	return found
}

// What ss prints of a socket: two lines, made one here.
var (
	ssRow   = regexp.MustCompile(`^ESTAB +\d+ +\d+ +(\S+) +(\S+) `)
	ssField = regexp.MustCompile(` (subflows|write_seq|rcv_nxt|bytes_sent|bytes_received):([0-9a-f]+)`)
	ssToken = regexp.MustCompile(` token:([0-9a-f]+) `)
	ssIDs   = regexp.MustCompile(` token:[0-9a-f]+\(id:(\d+)\)/([0-9a-f]+)\(id:(\d+)\)`)
)

// ssRows reads what ss prints, which leaves zeros out.
func (l *connsLab) ssRows(host string) map[string]bool {
	l.t.Helper()
	found := map[string]bool{}
	text := l.system(host, "ss -Mni") + l.system(host, "ss -tni")
	for line := range strings.Lines(strings.ReplaceAll(text, "\n\t", " ")) {
		ends := ssRow.FindStringSubmatch(line)
		if ends == nil {
			continue
		}
		fields := map[string]string{"subflows": "0", "bytes_sent": "0", "bytes_received": "0"}
		for _, m := range ssField.FindAllStringSubmatch(line, -1) {
			fields[m[1]] = m[2]
		}
		row := fmt.Sprintf("%v %v", l.ssEnd(ends[1]), l.ssEnd(ends[2]))
		if m := ssToken.FindStringSubmatch(line); m != nil {
			found[fmt.Sprintf("%s %s subflows %s write_seq %s rcv_nxt %s", m[1], row, fields["subflows"],
				l.ssNumber(fields["write_seq"]), l.ssNumber(fields["rcv_nxt"]))] = true
		} else if m := ssIDs.FindStringSubmatch(line); m != nil {
			found[fmt.Sprintf("%s %s ids %s/%s sent %s received %s", m[2], row, m[3], m[1],
				fields["bytes_sent"], fields["bytes_received"])] = true
		}
	}
	return found
}

func (l *connsLab) ssEnd(text string) netip.AddrPort {
	l.t.Helper()
	text = regexp.MustCompile(`%[^:\]]+`).ReplaceAllString(text, "") // the interface that it is bound to
	at, err := netip.ParseAddrPort(text)
	must(l.t, err)
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// ssNumber is one in decimal digits; ss before 6.5 prints hexadecimal ones.
func (l *connsLab) ssNumber(text string) string {
	l.t.Helper()
	if version := l.system("client", "ss -V"); !regexp.MustCompile(`iproute2-([45]|6\.[0-4]\.)`).MatchString(version) {
		return text
	}
	var n uint64
	_, err := fmt.Sscanf(text, "%x", &n)
	must(l.t, err)
	return fmt.Sprint(n)
}
