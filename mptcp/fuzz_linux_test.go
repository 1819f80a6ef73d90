package mptcp

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParseInfo(f *testing.F) {
	f.Add(readCapture(f)["MPTCP_INFO"])
	f.Add(infoOf(43, 48))
	f.Add(infoOf(81, 88))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := parseInfo(b)
		if (err != nil) != (len(b) < infoFirst) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
		if err != nil {
			return
		}
		// A longer answer may add groups, and must change none.
		longer, err := parseInfo(append(bytes.Clone(b), make([]byte, infoRoom)...))
		if err != nil {
			t.Fatal(err)
		}
		if info.Traffic == nil {
			longer.Traffic = nil
		}
		if info.SubflowsTotal == nil {
			longer.SubflowsTotal = nil
		}
		if info.Idle == nil {
			longer.Idle = nil
		}
		if diff := cmp.Diff(info, longer); diff != "" {
			t.Errorf("more bytes change what was there:\n%s", diff)
		}
	})
}

func FuzzParseFullInfo(f *testing.F) {
	capture := readCapture(f)
	f.Add(capture["MPTCP_FULL_INFO"], capture["MPTCP_FULL_INFO subflow_info"], capture["MPTCP_FULL_INFO tcp_info"])
	for _, seed := range []*fullInfo{fullAnswer(4, 216), fullAnswer(8, 280)} {
		f.Add(seed.header[:], seed.subflowInfos, seed.tcpInfos)
	}
	f.Fuzz(func(t *testing.T, header, subflowInfos, tcpInfos []byte) {
		full := &fullInfo{subflowInfos: subflowInfos, tcpInfos: tcpInfos}
		copy(full.header[:], header)
		subflows, err := full.subflows()
		if err != nil {
			return
		}
		if uint32(len(subflows)) != full.count() {
			t.Errorf("%d subflows of %d", len(subflows), full.count())
		}
		for _, s := range subflows {
			checkDecoded(t, s, true)
		}
	})
}

func FuzzParseJoined(f *testing.F) {
	capture := readCapture(f)
	f.Add(capture["MPTCP_SUBFLOW_ADDRS"], capture["MPTCP_TCPINFO"])
	f.Add(dataAnswer(1, 256, pair6), dataAnswer(1, 216, tcpBytes(216, 10)))
	f.Fuzz(func(t *testing.T, addrs, tcp []byte) {
		subflows, err := parseJoined(addrs, tcp)
		if err != nil {
			return
		}
		if n := subflowDataCount(addrs); uint32(len(subflows)) != n || subflowDataCount(tcp) != n {
			t.Errorf("%d subflows of %d and %d", len(subflows), n, subflowDataCount(tcp))
		}
		for _, s := range subflows {
			checkDecoded(t, s, false)
		}
	})
}

func checkDecoded(t *testing.T, s Subflow, withID bool) {
	if (s.ID != nil) != withID || !s.Local.IsValid() || !s.Remote.IsValid() || s.Local.Addr().Is4In6() || s.RTT < 0 {
		t.Errorf("decoded %+v", s)
	}
}

// netstatText is what a kernel prints, cut down; a line of names is followed by one
// of numbers.
const netstatText = `TcpExt: SyncookiesSent MPFallbackTokenInit
TcpExt: 0 7
MPTcpExt: MPCapableSYNRX MPCapableFallbackSYNACK MPFallbackTokenInit DssFallback
MPTcpExt: 3 2 0 18446744073709551615
`

func FuzzParseCounters(f *testing.F) {
	f.Add([]byte(netstatText))
	f.Add([]byte("MPTcpExt: DssFallback\nMPTcpExt: 1 2\n"))
	f.Add([]byte("MPTcpExt: DssFallback DssFallback\nMPTcpExt: 1 -2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		found := parseCounters(text)
		for cause, counter := range causeCounters {
			if found[cause] != nil && (counter == "" || !bytes.Contains(text, []byte(counter))) {
				t.Errorf("counter of %v out of nothing", FallbackCause(cause))
			}
		}
		if s := found.since(found); s&^uncountedCauses != 0 {
			t.Errorf("nothing has happened, and possible is %b", s)
		}
	})
}
