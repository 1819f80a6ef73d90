package mptcp

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var equateAddrs = cmpopts.EquateComparable(netip.AddrPort{})

// readCapture reads the answers of a kernel by their names.
func readCapture(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/linux-6.18-amd64.txtar")
	if err != nil {
		t.Fatal(err)
	}
	answers := make(map[string][]byte)
	for _, file := range strings.Split("\n"+string(text), "\n-- ")[1:] {
		name, dump, _ := strings.Cut(file, " --\n")
		if answers[name], err = hex.DecodeString(strings.ReplaceAll(dump, "\n", "")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return answers
}

// The numbers wanted are those that ss of iproute2 6.15 printed for the same
// connection in the same second; only the idle times went on by 4 ms.
var (
	capturedInfo = &Info{
		Token:             0x2f8d6e98,
		RemoteKeyReceived: true,
		WriteSeq:          6245433043956369979,
		SndUna:            6245433043956369979,
		RcvNxt:            16301694747880665749,
		ExtraSubflows:     1,
		LocalAddrUsed:     1,
		Limits:            Limits{ExtraSubflows: 2, AddAddrAccepted: 2, SubflowEndpoints: 1},
		Traffic: &Traffic{
			BytesSent: 1000061, BytesAcked: 1000061, BytesReceived: 1000041, BytesRetransmitted: 1928,
		},
		SubflowsTotal: new(uint8(2)),
		Idle: &Idle{
			DataSent: 300 * time.Millisecond, DataReceived: 300 * time.Millisecond, AckReceived: 256 * time.Millisecond,
		},
	}
	capturedSubflows = []Subflow{{
		ID:    new(uint32(1)),
		Local: netip.MustParseAddrPort("127.0.0.1:36558"), Remote: netip.MustParseAddrPort("127.0.0.1:33333"),
		State: StateEstablished, RTT: 5874 * time.Microsecond, RTTVar: 11303 * time.Microsecond,
		BytesSent: 516189, BytesAcked: 516190, BytesReceived: 334369,
		SegmentsSent: 26, SegmentsReceived: 23,
	}, {
		ID:    new(uint32(2)),
		Local: netip.MustParseAddrPort("127.0.0.2:53649"), Remote: netip.MustParseAddrPort("127.0.0.1:33333"),
		State: StateEstablished, RTT: 67 * time.Microsecond, RTTVar: 102 * time.Microsecond,
		BytesSent: 485800, BytesAcked: 485801, BytesReceived: 667600,
		SegmentsSent: 32, SegmentsReceived: 30,
	}}
)

func TestParseCapture(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the capture is of a little-endian kernel")
	}
	answers := readCapture(t)

	info, err := parseInfo(answers["MPTCP_INFO"])
	if diff := cmp.Diff(capturedInfo, info); err != nil || diff != "" {
		t.Errorf("MPTCP_INFO: %v (-want +got):\n%s", err, diff)
	}
	full := &fullInfo{
		header:       [fullHeader]byte(answers["MPTCP_FULL_INFO"]),
		subflowInfos: answers["MPTCP_FULL_INFO subflow_info"],
		tcpInfos:     answers["MPTCP_FULL_INFO tcp_info"],
	}
	subflows, err := full.subflows()
	if diff := cmp.Diff(capturedSubflows, subflows, equateAddrs); err != nil || diff != "" {
		t.Errorf("MPTCP_FULL_INFO: %v (-want +got):\n%s", err, diff)
	}
	subflows, err = parseJoined(answers["MPTCP_SUBFLOW_ADDRS"], answers["MPTCP_TCPINFO"])
	withoutID := cmpopts.IgnoreFields(Subflow{}, "ID")
	if diff := cmp.Diff(capturedSubflows, subflows, equateAddrs, withoutID); err != nil || diff != "" {
		t.Errorf("the older options: %v (-want +got):\n%s", err, diff)
	}
	for i, s := range subflows {
		if s.ID != nil {
			t.Errorf("subflow %d has id %d from options that have none", i, *s.ID)
		}
	}
}
