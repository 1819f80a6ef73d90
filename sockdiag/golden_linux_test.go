package sockdiag

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/inetdiag"
	"allroads/mptcp"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var equateAddrs = cmpopts.EquateComparable(netip.AddrPort{})

// captured reads messages of a kernel by their names.
func captured(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/linux-6.18-amd64.txtar")
	if err != nil {
		t.Fatal(err)
	}
	messages := make(map[string][]byte)
	for _, file := range strings.Split("\n"+string(text), "\n-- ")[1:] {
		name, dump, _ := strings.Cut(file, " --\n")
		if messages[name], err = hex.DecodeString(strings.ReplaceAll(dump, "\n", "")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return messages
}

func little(t testing.TB) {
	t.Helper()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the capture is of a little-endian kernel")
	}
}

// The numbers wanted are those that ss of iproute2 6.1 printed then.
var (
	capturedSubflow = Subflow{
		State: mptcp.StateEstablished,
		Local: netip.MustParseAddrPort("10.9.0.1:7660"), Remote: netip.MustParseAddrPort("10.9.0.1:22663"),
		LocalToken: 0x254d7b83, Flags: CapableRemote | CapableLocal | FullyEstablished | Connected,
		TCP: TCPInfo{
			RTT: 10 * time.Microsecond, RTTVar: 4 * time.Microsecond, MinRTT: 7 * time.Microsecond, RTO: 204 * time.Millisecond,
			Cwnd: 12, SSThresh: 8, MSS: 32768, PacingRate: 46343311520 / 8, DeliveryRate: 13797052624 / 8,
			BytesSent: 30001, BytesAcked: 30002, BytesReceived: 15001, SegmentsOut: 38, SegmentsIn: 35,
			Sent: 404 * time.Millisecond, Received: 404 * time.Millisecond,
		},
		Details: &Details{
			WriteSeq: 30002, MapDSN: 0xb0c7bacdb8c899a8, MapSSN: 0x38a6, MapLength: 0x1f4, SubflowOffset: 0x3b24d89,
		},
	}
	capturedConnection = Connection{
		State: mptcp.StateEstablished, V6Socket: true,
		Local: netip.MustParseAddrPort("10.9.0.1:22663"), Remote: netip.MustParseAddrPort("10.9.0.1:7660"),
		Info: mptcp.Info{
			Token: 0x15525a75, RemoteKeyReceived: true,
			WriteSeq: 0xb0c7bacdb8c89b9c, SndUna: 0xb0c7bacdb8c89b9c, RcvNxt: 0x35ebfe7fa5516faf,
			ExtraSubflows: 2, AddAddrSignal: 1, AddAddrAccepted: 1, LocalAddrUsed: 1,
			Limits:        mptcp.Limits{ExtraSubflows: 2, AddAddrAccepted: 2, SignalEndpoints: 1, SubflowEndpoints: 1},
			Traffic:       &mptcp.Traffic{BytesSent: 15001, BytesAcked: 15001, BytesReceived: 30001},
			SubflowsTotal: new(uint8(3)),
			Idle:          &mptcp.Idle{DataSent: 408 * time.Millisecond, DataReceived: 408 * time.Millisecond, AckReceived: 364 * time.Millisecond},
		},
		Inode: 27011252, Cookie: 0xdbccf, CgroupID: 1,
	}
)

func TestDecodeCapture(t *testing.T) {
	little(t)
	messages := captured(t)
	for name, want := range map[string]Subflow{
		"subflow": capturedSubflow,
		"mapped": {
			Local: netip.MustParseAddrPort("10.9.0.1:22663"), Remote: netip.MustParseAddrPort("10.9.1.1:2247"),
			RemoteID: 1, LocalToken: 0x15525a75, Flags: JoinRemote | FullyEstablished | Connected,
		},
	} {
		got := subflowOf(t, messages[name])
		if name == "mapped" { // The rest is in the first.
			got.State, got.TCP, got.Details = 0, TCPInfo{}, nil
		}
		if diff := cmp.Diff(want, got, equateAddrs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var c Connection
	if err := c.decode(read(t, messages["connection"])); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(capturedConnection, c, equateAddrs); diff != "" {
		t.Errorf("connection (-want +got):\n%s", diff)
	}
	for name, port := range map[string]uint16{"tcp-listener": 7777, "listener": 0} {
		c.decodeSocket(read(t, messages[name]))
		if c.State != mptcp.StateListen || c.Inode != 27011390 || c.SendQueue != 1024 || c.Local.Port() != port {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func read(t testing.TB, b []byte) *message {
	t.Helper()
	m := new(message)
	if err := m.decode(b); err != nil {
		t.Fatal(err)
	}
	return m
}

func subflowOf(t testing.TB, b []byte) (s Subflow) {
	t.Helper()
	var r record
	if !r.decode(read(t, b)) {
		t.Fatal("no subflow")
	}
	r.unpack(&s, new(Details))
	return s
}

// TestAnyOrder: attributes in another order, as of Linux 6.12, of other sizes, and
// in nests that say so, mean the same; fewer details are none.
func TestAnyOrder(t *testing.T) {
	little(t)
	b := captured(t)["subflow"]
	tail := len(b) - 0x68 // The last attribute is INET_DIAG_ULP_INFO.
	attribute := func(kind uint16, value ...byte) []byte {
		head := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
		head = append(binary.NativeEndian.AppendUint16(head, kind), value...)
		return append(head, make([]byte, -len(head)&3)...)
	}
	nest := func(flag uint16, attributes ...[]byte) []byte {
		inner := attribute(inetdiag.ULPMPTCP|flag, slicesOf(attributes)...)
		outer := append(attribute(inetdiag.ULPName, []byte("mptcp\x00")...), inner...)
		return append(b[:tail:tail], attribute(inetdiag.AttrULPInfo|flag, outer...)...)
	}
	all := [][]byte{
		attribute(inetdiag.SubflowWriteSeq, 0x32, 0x75, 0, 0), attribute(inetdiag.SubflowMapDSN, 0xa8, 0x99, 0xc8, 0xb8, 0xcd, 0xba, 0xc7, 0xb0),
		attribute(inetdiag.SubflowMapSSN, 0xa6, 0x38), attribute(inetdiag.SubflowOffset, 0x89, 0x4d, 0xb2, 3),
		attribute(inetdiag.SubflowMapLength, 0xf4, 1, 0, 0), attribute(11), attribute(inetdiag.SubflowLocalID, 0, 0), attribute(inetdiag.SubflowRemoteID, 0),
		attribute(inetdiag.SubflowFlags, 0xc3), attribute(99, 1, 2, 3), attribute(inetdiag.SubflowTokenLocal, 0x83, 0x7b, 0x4d, 0x25),
	}
	for _, flag := range []uint16{0, 1 << 15} {
		if diff := cmp.Diff(capturedSubflow, subflowOf(t, nest(flag, all...)), equateAddrs); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if s := subflowOf(t, nest(0, all[1:]...)); s.Details != nil || s.LocalToken != capturedSubflow.LocalToken {
		t.Errorf("with a detail less: %+v", s)
	}
}

func slicesOf(parts [][]byte) (all []byte) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}
