package sockdiag_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/mptcp"
	"allroads/sockdiag"
)

func compareConnections(t *testing.T, all []*sockdiag.Connection, printed ssSockets, sequence func(uint64) string) {
	t.Helper()
	for _, c := range all {
		if c.State == mptcp.StateListen {
			continue
		}
		ends := c.Local.String() + " " + c.Remote.String()
		want := ssPrints(map[string]any{
			"state": ssStates[c.State], "rqueue": c.RecvQueue, "wqueue": c.SendQueue,
			"token": strconv.FormatUint(uint64(c.Info.Token), 16), "subflows": c.Info.ExtraSubflows,
			"add_addr_signal": c.Info.AddAddrSignal, "add_addr_accepted": c.Info.AddAddrAccepted,
			"subflows_max":          c.Info.Limits.ExtraSubflows,
			"add_addr_signal_max":   c.Info.Limits.SignalEndpoints,
			"add_addr_accepted_max": c.Info.Limits.AddAddrAccepted,
			"write_seq":             sequence(c.Info.WriteSeq), "snd_una": sequence(c.Info.SndUna), "rcv_nxt": sequence(c.Info.RcvNxt),
		})
		if c.Info.RemoteKeyReceived {
			want["remote_key"] = ""
		}
		compare(t, ends, printed[ends], want, "fallback subflows add_addr_signal add_addr_accepted")
		// What a newer ss prints, too.
		for name, value := range map[string]uint64{
			"bytes_sent": c.Info.Traffic.BytesSent, "bytes_received": c.Info.Traffic.BytesReceived,
			"bytes_acked": c.Info.Traffic.BytesAcked, "subflows_total": uint64(*c.Info.SubflowsTotal),
		} {
			if got := printed[ends][name]; got != "" && got != strconv.FormatUint(value, 10) {
				t.Errorf("%s: %s is %d, to ss %s", ends, name, value, got)
			}
		}
		delete(printed, ends)
	}
	for ends := range printed {
		t.Errorf("only ss has the connection %s", ends)
	}
}

func compareSubflows(t *testing.T, all []*sockdiag.Connection, printed ssSockets) {
	t.Helper()
	for _, c := range all {
		for i := range c.Subflows {
			s := &c.Subflows[i]
			ends := s.Local.String() + " " + s.Remote.String()
			compare(t, ends, printed[ends], ssSubflow(s), "unacked lost bytes_retrans retrans")
			delete(printed, ends)
		}
	}
	for ends := range printed {
		t.Errorf("only ss has the subflow %s", ends)
	}
}

// ssSubflow is what ss prints of a subflow.
func ssSubflow(s *sockdiag.Subflow) map[string]string {
	milliseconds := func(d time.Duration) string {
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'g', 6, 64)
	}
	want := ssPrints(map[string]any{
		"state": ssStates[s.State], "rqueue": s.RecvQueue, "wqueue": s.SendQueue,
		"flags": ssFlags(s.Flags), "rto": milliseconds(s.TCP.RTO), "minrtt": milliseconds(s.TCP.MinRTT),
		"rtt": milliseconds(s.TCP.RTT) + "/" + milliseconds(s.TCP.RTTVar),
		"mss": s.TCP.MSS, "cwnd": s.TCP.Cwnd, "unacked": s.TCP.Unacked, "lost": s.TCP.Lost,
		"bytes_sent": s.TCP.BytesSent, "bytes_acked": s.TCP.BytesAcked, "bytes_received": s.TCP.BytesReceived,
		"bytes_retrans": s.TCP.BytesRetransmitted, "segs_out": s.TCP.SegmentsOut, "segs_in": s.TCP.SegmentsIn,
	})
	// token:REMOTE(id:N)/LOCAL(id:N)
	want["token"] = fmt.Sprintf("%04x(id:%d)/%04x(id:%d)", s.RemoteToken, s.RemoteID, s.LocalToken, s.LocalID)
	if s.TCP.SSThresh < 1<<16 {
		want["ssthresh"] = fmt.Sprint(s.TCP.SSThresh)
	}
	return want
}

func ssFlags(flags sockdiag.Flags) string {
	var letters strings.Builder
	for i, letter := range "MmJjBbecv" {
		if flags>>i&1 != 0 {
			letters.WriteRune(letter)
		}
	}
	return letters.String()
}

func compareListeners(t *testing.T, all []*sockdiag.Connection, printed ssSockets) {
	t.Helper()
	for _, c := range all {
		if c.State != mptcp.StateListen {
			continue
		}
		ends := c.Local.String() + " any"
		compare(t, ends, printed[ends], map[string]string{
			"state": "LISTEN", "rqueue": fmt.Sprint(c.RecvQueue), "wqueue": fmt.Sprint(c.SendQueue),
			"ino": fmt.Sprint(c.Inode), "sk": strconv.FormatUint(c.Cookie, 16),
		})
		delete(printed, ends)
	}
	for ends := range printed {
		t.Errorf("only ss has the listener %s", ends)
	}
}
