package ipmptcp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/internal/ipmptcp"
	"allroads/pathmanager"
)

// source yields events, then an error if there is one.
type source struct {
	events []pathmanager.Event
	err    error
}

func (s source) Close() error { return nil }

func (s source) Events() iter.Seq2[pathmanager.Event, error] {
	return func(yield func(pathmanager.Event, error) bool) {
		for _, e := range s.events {
			if !yield(e, nil) {
				return
			}
		}
		if s.err != nil {
			yield(pathmanager.Event{}, s.err)
		}
	}
}

// rare are events that a test can hardly make the kernel send.
var rare = []pathmanager.Event{
	{
		Type: pathmanager.SubflowClosed, Time: time.Date(2026, 2, 3, 4, 5, 6, 7000, time.Local), NetNSID: -1, Token: 0xabcdef,
		RemoteID: new(uint8(2)), LocalID: new(uint8(1)),
		Source: netip.MustParseAddr("::1.2.3.4"), Destination: netip.MustParseAddr("::ffff:1.2.3.4"),
		SourcePort: new(uint16(1)), DestinationPort: new(uint16(65535)), Backup: new(true), Error: new(uint8(111)),
		Timeout: new(uint32(9)), IfIndex: new(int32(99999)), ResetReason: new(uint32(3)), ResetFlags: new(uint32(9)),
		Flags: new(uint16(0xf3)), ServerSide: true,
	},
	{Type: pathmanager.SubflowClosed, NetNSID: -1, Token: 1, ResetFlags: new(uint32(0)), IfIndex: new(int32(0))},
	{Type: 200, NetNSID: -1, Token: 7},
	{Type: pathmanager.Loss, NetNSID: -1, Lost: 1234, LostKnown: true},
	{Type: pathmanager.Loss, NetNSID: -1},
}

func follow(t *testing.T, s source, words ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := ipmptcp.Follow(s, words, &out, &err)
	return result{out.String(), err.String(), code}
}

// TestRareEvents holds what iproute2's source says of attributes that are seldom
// sent (ip/ipmptcp.c), and how a loss is told.
func TestRareEvents(t *testing.T) {
	for words, want := range map[string]string{
		"": `[       SF_CLOSED] token=00abcdef remid=2 locid=1 saddr6=::1.2.3.4 daddr6=::ffff:1.2.3.4 sport=1 dport=65535` +
			` backup=1 error=111 timeout=9 ifindex=99999 dev=if99999 reset_reason=3 reset_flags=0x9 server_side deny_join_id0 flags=0xf0
[       SF_CLOSED] token=00000001 ifindex=0 reset_flags=0
[UNKNOWN 200]
[            LOSS] lost=1234
[            LOSS]
`,
		"-j": `[{"event":"SF_CLOSED","token":"0xabcdef","remid":2,"locid":1,"saddr6":"::1.2.3.4","daddr6":"::ffff:1.2.3.4",` +
			`"sport":1,"dport":65535,"backup":1,"error":111,"timeout":9,"ifindex":99999,"dev":"if99999","reset_reason":3,` +
			`"reset_flags":"0x9","server_side":true,"deny_join_id0":true,"flags":"0xf0"},` +
			`{"event":"SF_CLOSED","token":"0x1","ifindex":0,"reset_flags":"0"},{"event":"UNKNOWN 200"},` +
			`{"event":"LOSS","lost":1234},{"event":"LOSS"}]
`,
		"-ts --filter event=created": "[0001-01-01T00:00:00.000000] [            LOSS] lost=1234\n[0001-01-01T00:00:00.000000] [            LOSS]\n",
		"-j -p --filter token=2": `[ {
        "event": "LOSS",
        "lost": 1234
    },{
        "event": "LOSS"
    } ]
`,
	} {
		if got := follow(t, source{events: rare}, strings.Fields(words)...); withoutZone(got.out) != want || got.err != "" || got.code != 0 {
			t.Errorf("%q:\n%d %q\n%s\nwant\n%s", words, got.code, got.err, got.out, want)
		}
	}
}

// withoutZone makes the zero time that of UTC.
func withoutZone(text string) string {
	local := time.Time{}.Local().Format("2006-01-02T15:04:05")
	return strings.ReplaceAll(text, local, "0001-01-01T00:00:00")
}

func TestStamps(t *testing.T) {
	for words, want := range map[string]string{
		"-t":    "Timestamp: Tue Feb  3 04:05:06 2026 7 usec\n[       SF_CLOSED] ",
		"-ts":   "[2026-02-03T04:05:06.000007] [       SF_CLOSED] ",
		"-t -o": "Timestamp: Tue Feb  3 04:05:06 2026 7 usec\n[       SF_CLOSED] ",
		"-j -t": `[{"timestamp":"Tue Feb  3 04:05:06 2026 7 usec","event":"SF_CLOSED",`,
	} {
		if got := follow(t, source{events: rare[:1]}, strings.Fields(words)...); !strings.HasPrefix(got.out, want) {
			t.Errorf("%s prints\n%s, want first\n%s", words, got.out, want)
		}
	}
}

// TestEventDocuments: every line is an object of the schema with all there is.
func TestEventDocuments(t *testing.T) {
	got := follow(t, source{events: rare}, "--json")
	lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	if len(lines) != len(rare) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(rare), got.out)
	}
	for _, line := range lines {
		var object struct{ Schema, Time, Event string }
		must(t, json.Unmarshal([]byte(line), &object))
		if _, err := time.Parse(time.RFC3339Nano, object.Time); err != nil || object.Schema != "allroads.event/1" || object.Event == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	_, rest, _ := strings.Cut(lines[0], `"event"`)
	if want := `:"SF_CLOSED","token":"00abcdef","local_id":1,"remote_id":2,"source":"::102:304","source_port":1,` +
		`"destination":"::ffff:1.2.3.4","destination_port":65535,"backup":true,"errno":111,"error":"connection refused",` +
		`"timeout":9,"ifindex":99999,"dev":"if99999","reset_reason":3,"reset_flags":9,"server_side":true,` +
		`"deny_join_id0":true,"flags":243}`; rest != want {
		t.Errorf("event%s\nwant%s", rest, want)
	}
}

// TestEventsEnd: a failure ends the monitor, and JSON is whole nevertheless.
func TestEventsEnd(t *testing.T) {
	got := follow(t, source{events: rare[3:4], err: errors.New("read events: gone")}, "-j")
	if want := (result{`[{"event":"LOSS","lost":1234}]` + "\n", "Error: read events: gone\n", 254}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
