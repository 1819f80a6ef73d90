package ipmptcp_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"allroads/internal/ipmptcp"
	"allroads/internal/netns"
	"allroads/mptcp"
	"allroads/pathmanager/pathmanagertest"
)

// driven is a connection under the userspace path manager.
type driven struct {
	ns             *netns.NS
	seen           *growing
	client, server string // tokens
	at             string // the port that the client's initial subflow is from
}

var created = regexp.MustCompile(`\[ *ESTABLISHED\] token=(\S+) .* sport=(\d+) dport=\d+( server_side)?`)

// drive connects and reads the tokens of both ends from a monitor.
func drive(t *testing.T, at, to string) *driven {
	t.Helper()
	pathmanagertest.Alone(t)
	d := &driven{ns: host(t, map[string]string{"net.mptcp.pm_type": "1"})}
	dial(t, d.ns)
	d.seen, _ = watch(t, d.ns, ipmptcp.Run, "monitor")
	eventually(t, "the monitor has joined", func() bool {
		listenOnce(t, d.ns, 1)
		return d.seen.String() != ""
	})
	connect(t, d.ns, at, to)
	eventually(t, "both ends are established", func() bool {
		return len(created.FindAllString(d.seen.String(), -1)) == 2
	})
	for _, match := range created.FindAllStringSubmatch(d.seen.String(), -1) {
		if match[3] != "" {
			d.server = match[1]
		} else {
			d.client, d.at = match[1], match[2]
		}
	}
	return d
}

// call gives a command line, in which C and S are the tokens, to the package.
func (d *driven) call(t *testing.T, line string) result {
	t.Helper()
	words := strings.Fields(line)
	for i, word := range words {
		switch word {
		case "C":
			words[i] = d.client
		case "S":
			words[i] = d.server
		}
	}
	return run(t, d.ns, ipmptcp.Command, words...)
}

func (d *driven) silently(t *testing.T, line string) {
	t.Helper()
	if got := d.call(t, line); got != (result{}) {
		t.Fatalf("%s: %+v\n%s", line, got, d.seen)
	}
}

// event waits for an event and returns what a pattern matches in it.
func (d *driven) event(t *testing.T, pattern string) []string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	eventually(t, pattern, func() bool { return expression.MatchString(d.seen.String()) })
	return expression.FindStringSubmatch(d.seen.String())
}

// TestConnection drives a connection by hand; what comes of it the other end's
// events tell.
func TestConnection(t *testing.T) {
	t.Run("IPv4", func(t *testing.T) {
		d := drive(t, "10.9.0.1:9000", "10.9.0.1:9000")
		d.silently(t, "announce S 10.9.0.3 id 20 dev lo port 7777")
		d.event(t, `ANNOUNCED\] token=`+d.client+` remid=20 daddr4=10.9.0.3 dport=7777`)
		d.byHand(t, "10.9.0.1:9000", "10.9.0.2", "10.9.0.2:%s")
	})
	t.Run("IPv6", func(t *testing.T) {
		d := drive(t, "[fd09::1]:9000", "[fd09::1]:9000")
		// With a port it would not fit beside TCP's timestamps.
		d.silently(t, "announce S fd09::3 id 20 dev lo")
		d.event(t, `ANNOUNCED\] token=`+d.client+` remid=20 daddr6=fd09::3`)
		d.byHand(t, "[fd09::1]:9000", "fd09::2", "[fd09::2]:%s")
	})
}

// byHand makes a second subflow and lets go of all there is.
func (d *driven) byHand(t *testing.T, at, second, end string) {
	t.Helper()
	d.silently(t, "subflow create C from "+second+" to "+at+" id 9 dev lo backup")
	port := d.event(t, `SF_ESTABLISHED\] token=`+d.server+` remid=9 locid=0 .*daddr[46]=`+second+` sport=9000 dport=(\d+) backup=1`)[1]
	d.event(t, `SF_ESTABLISHED\] token=`+d.client+` remid=0 locid=9`)
	from := fmt.Sprintf(end, port)
	want := second + " id 9 subflow backup dev lo \n"
	if got := d.call(t, "endpoint show token C"); got.out != want || got.code != 0 {
		t.Errorf("endpoint show token: %+v, want %q", got, want)
	}
	if got := d.call(t, "endpoint show id 9 token 0x"+d.client+" --json"); !strings.Contains(got.out, `"token":"`+d.client+`","endpoints":[{"address":"`+second+`","id":9,"flags":["subflow","backup"],`) {
		t.Errorf("endpoint show --json: %+v", got)
	}
	d.silently(t, "subflow priority C from "+from+" to "+at+" nobackup")
	d.event(t, `SF_PRIO\] token=`+d.server+` remid=9 .* backup=0`)
	d.silently(t, "subflow p C fr "+second+" t "+at+" backup")
	d.event(t, `SF_PRIO\] token=`+d.server+` remid=9 .* backup=1`)
	d.silently(t, "subflow delete C from "+from+" to "+at)
	d.event(t, `SF_CLOSED\] token=`+d.server+` remid=9`)
	d.silently(t, "withdraw S id 20")
	d.event(t, `REMOVED\] token=`+d.client+` remid=20`)
}

// TestChosenID: without an id an address has the one that it is known by, or the
// first that is free.
func TestChosenID(t *testing.T) {
	d := drive(t, "10.9.0.1:9000", "10.9.0.1:9000")
	d.silently(t, "announce C 10.9.0.3 id 1")
	d.silently(t, "subflow create C from 10.9.0.2 to 10.9.0.1:9000")
	d.event(t, `SF_ESTABLISHED\] token=`+d.server+` remid=2 .*daddr4=10.9.0.2`)
	d.silently(t, "subflow create C from 10.9.0.3 to 10.9.0.1:9000")
	d.event(t, `SF_ESTABLISHED\] token=`+d.server+` remid=1 .*daddr4=10.9.0.3`)
	if got := d.call(t, "endpoint show token C id 77"); got != (result{err: "Error: address not found.\n", code: 2}) {
		t.Errorf("an id that is not there: %+v", got)
	}
}

// TestByAddress names connections by what `allroads conns` shows of them.
func TestByAddress(t *testing.T) {
	d := drive(t, "10.9.0.1:9000", "10.9.0.1:9000")
	d.silently(t, "announce 10.9.0.1:9000 10.9.0.3 id 20") // the server's end
	d.event(t, `ANNOUNCED\] token=`+d.client+` remid=20 `)
	d.silently(t, "subflow create 10.9.0.1:"+d.at+" from 10.9.0.2 to 10.9.0.1:9000 id 9")
	port := d.event(t, `SF_ESTABLISHED\] token=`+d.server+` remid=9 .*daddr4=10.9.0.2 sport=9000 dport=(\d+)`)[1]
	d.silently(t, "subflow delete 10.9.0.2:"+port+" from 10.9.0.2:"+port+" to 10.9.0.1:9000")
	d.event(t, `SF_CLOSED\] token=`+d.server+` remid=9`)

	if got := d.call(t, "withdraw 10.9.0.1:1 id 20"); got.code != 255 || !strings.Contains(got.err, "no MPTCP connection has this address") {
		t.Errorf("an address of no connection: %+v", got)
	}
	var other *mptcp.Conn
	must(t, d.ns.Do(func() (err error) {
		other, err = new(mptcp.Dialer).Dial(t.Context(), netip.MustParseAddrPort("10.9.0.1:9000"))
		return err
	}))
	defer other.Close()
	eventually(t, "both connections are named", func() bool {
		got := d.call(t, "withdraw 10.9.0.1:9000 id 20")
		return got.code == 255 && strings.Contains(got.err, "2 connections have this address") && strings.Contains(got.err, d.server)
	})
}
