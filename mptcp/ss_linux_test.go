package mptcp

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ssFields splits the output of ss about one socket into its key:value words.
func ssFields(t *testing.T, text string) map[string]string {
	t.Helper()
	fields := make(map[string]string)
	for _, word := range strings.Fields(text) {
		if key, value, ok := strings.Cut(word, ":"); ok {
			fields[key] = value
		}
	}
	if len(fields) == 0 {
		t.Fatalf("ss shows nothing: %q", text)
	}
	return fields
}

// compare holds numbers of ours against those of ss. It returns the keys that ss
// does not show although they are not zero: older versions lack some.
func compare(t *testing.T, who string, ours map[string]uint64, ss map[string]string) (missing []string) {
	t.Helper()
	for key, want := range ours {
		text, shown := ss[key]
		if !shown {
			if want != 0 {
				missing = append(missing, key)
			}
			continue
		}
		decimal, _ := strconv.ParseUint(text, 10, 64)
		hex, _ := strconv.ParseUint(text, 16, 64) // Sequence numbers until ss 6.5.
		if decimal != want && hex != want {
			t.Errorf("%s: %s is %d, and %s to ss", who, key, want, text)
		}
	}
	return missing
}

func TestInfoAgreesWithSS(t *testing.T) {
	ns, client, server := connectTwice(t)
	exchange(t, client, server, strings.Repeat("0123456789", 10_000))
	settle(t, client, server)
	for who, end := range map[string]*Conn{"client": client, "server": server} {
		info, err := end.Info()
		if err != nil {
			t.Fatal(err)
		}
		ss := ssFields(t, run(t, ns, "ss -HMni sport = "+port(end.LocalAddr())))
		if token := fmt.Sprintf("%x", info.Token); ss["token"] != token {
			t.Errorf("%s: token is %s, and %s to ss", who, token, ss["token"])
		}
		if missing := compare(t, who, oldestFields(info), ss); len(missing) > 0 {
			t.Errorf("%s: ss does not show %v: %v", who, missing, ss)
		}
		if missing := compare(t, who, newerFields(info), ss); len(missing) > 0 {
			t.Logf("%s: this ss does not show %v", who, missing)
		}
	}
}

// oldestFields are those that every ss shows.
func oldestFields(info *Info) map[string]uint64 {
	return map[string]uint64{
		"subflows":              uint64(info.ExtraSubflows),
		"subflows_max":          uint64(info.Limits.ExtraSubflows),
		"add_addr_signal":       uint64(info.AddAddrSignal),
		"add_addr_signal_max":   uint64(info.Limits.SignalEndpoints),
		"add_addr_accepted":     uint64(info.AddAddrAccepted),
		"add_addr_accepted_max": uint64(info.Limits.AddAddrAccepted),
		"write_seq":             info.WriteSeq, "snd_una": info.SndUna, "rcv_nxt": info.RcvNxt,
	}
}

func newerFields(info *Info) map[string]uint64 {
	fields := map[string]uint64{
		"local_addr_used": uint64(info.LocalAddrUsed), "local_addr_max": uint64(info.Limits.SubflowEndpoints),
	}
	if traffic := info.Traffic; traffic != nil {
		fields["bytes_sent"], fields["bytes_received"] = traffic.BytesSent, traffic.BytesReceived
		fields["bytes_acked"], fields["bytes_retrans"] = traffic.BytesAcked, traffic.BytesRetransmitted
		fields["retransmits"] = uint64(traffic.Retransmits)
	}
	if info.SubflowsTotal != nil {
		fields["subflows_total"] = uint64(*info.SubflowsTotal)
	}
	return fields
}

func TestSubflowsAgreeWithSS(t *testing.T) {
	ns, client, server := connectTwice(t)
	exchange(t, client, server, strings.Repeat("0123456789", 10_000))
	settle(t, client, server)
	for _, s := range append(subflowsOf(t, client), subflowsOf(t, server)...) {
		text := run(t, ns, fmt.Sprintf("ss -Htni src %s dst %s", s.Local, s.Remote))
		ours := map[string]uint64{
			"bytes_sent": s.BytesSent, "bytes_acked": s.BytesAcked,
			"bytes_received": s.BytesReceived, "bytes_retrans": s.BytesRetransmitted,
			"segs_out": uint64(s.SegmentsSent), "segs_in": uint64(s.SegmentsReceived),
		}
		ss := ssFields(t, text)
		if missing := compare(t, s.Local.String(), ours, ss); len(missing) > 0 {
			t.Errorf("%s: ss does not show %v: %s", s.Local, missing, text)
		}
		if rtt := milliseconds(s.RTT) + "/" + milliseconds(s.RTTVar); ss["rtt"] != rtt {
			t.Errorf("%s: rtt is %s, and %s to ss", s.Local, rtt, ss["rtt"])
		}
		if state := "ESTAB"; !strings.HasPrefix(text, state) || s.State != StateEstablished {
			t.Errorf("%s: state is %s, and ss says %.20s", s.Local, s.State, text)
		}
		checkID(t, s, text)
	}
}

// milliseconds prints a time as ss does.
func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'g', 6, 64)
}

var joinFlags = regexp.MustCompile(`tcp-ulp-mptcp flags:\w*[Jj]`)

// checkID holds the subflow number against the kind of subflow it is to ss.
func checkID(t *testing.T, s Subflow, ss string) {
	t.Helper()
	if s.ID != nil && (*s.ID > 1) != joinFlags.MatchString(ss) {
		t.Errorf("subflow %d is to ss: %s", *s.ID, ss)
	}
}

func port(a net.Addr) string { return strconv.Itoa(a.(*net.TCPAddr).Port) }
