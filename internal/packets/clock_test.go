package packets_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"allroads/internal/packets"
	"allroads/trace"
)

func TestTimes(t *testing.T) {
	packet := raw(segment(client, server, trace.ACK, nil, ""))
	at := func(times ...int64) (all []trace.Packet) {
		for _, t := range times {
			p := packet
			p.Time = t
			all = append(all, p)
		}
		return all
	}
	start := time.Date(2026, 11, 23, 23, 59, 59, 999_999_999, time.UTC).UnixNano()
	times := at(start, start+1, start-2, start+3_600_000_000_001, -1, math.MaxInt64, math.MinInt64)
	for _, tt := range []struct {
		o    packets.Options
		want string
	}{
		{packets.Options{}, "0.000000000 0.000000001 -0.000000002 3600.000000001 -1795478400.000000000 7427893636.854775808 -11018850436.854775807"},
		{packets.Options{Time: packets.Delta}, "0.000000000 0.000000001 -0.000000003 3600.000000003 -1795482000.000000001 9223372036.854775808 -18446744073.709551615"},
		{packets.Options{Time: packets.Epoch}, "1795478399.999999999 1795478400.000000000 1795478399.999999997 1795482000.000000000 -0.000000001 9223372036.854775807 -9223372036.854775808"},
		{packets.Options{Time: packets.Absolute}, "2026-11-23T23:59:59.999999999Z 2026-11-24T00:00:00.000000000Z 2026-11-23T23:59:59.999999997Z 2026-11-24T01:00:00.000000000Z 1969-12-31T23:59:59.999999999Z 2262-04-11T23:47:16.854775807Z 1677-09-21T00:12:43.145224192Z"},
		{packets.Options{Time: packets.Absolute, Zone: time.FixedZone("", 5400)}, "2026-11-24T01:29:59.999999999+01:30 "},
	} {
		var got []string
		for _, line := range printed(t, tt.o, times...) {
			got = append(got, strings.Fields(line)[1])
		}
		if text := strings.Join(got, " "); !strings.HasPrefix(text, tt.want) {
			t.Errorf("%v: %s, want %s", tt.o.Time, text, tt.want)
		}
	}
}

func TestTimeText(t *testing.T) {
	for want := range packets.Epoch + 1 {
		text, err := want.MarshalText()
		var got packets.Time
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Errorf("%v: %q, %v, %v", want, text, err, got)
		}
	}
	got := packets.Delta
	want := `read time format "noon": want relative, absolute, delta or epoch`
	if err := got.UnmarshalText([]byte("noon")); err == nil || err.Error() != want || got != packets.Delta {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
	if text := packets.Time(9).String(); text != "time 9" {
		t.Error(text)
	}
}
