package mptcp

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The offsets are written out once more, from the header of Linux 7.2.
var infoFields = map[int]any{
	0: uint8(1), 1: uint8(2), 2: uint8(3), 3: uint8(4), 4: uint8(5), 5: uint8(6),
	8: uint32(3), 12: uint32(0x89abcdef),
	16: uint64(0xf123456789abcdef), 24: uint64(0xf123456789abcdee), 32: uint64(0x1122334455667788),
	40: uint8(7), 41: uint8(8), 42: uint8(1),
	44: uint32(9), 48: uint64(10), 56: uint64(1 << 40), 64: uint64(12), 72: uint64(13),
	80: uint8(14), 81: uint8(15), 82: uint8(16),
	84: uint32(1700), 88: uint32(18), 92: uint32(0xffffffff),
}

// infoOf is what a kernel answers that has the fields below an offset, in a
// struct of a size.
func infoOf(below, size int) []byte {
	fields := make(map[int]any)
	for at, value := range infoFields {
		if at < below {
			fields[at] = value
		}
	}
	return answer(size, fields)
}

func TestParseInfo(t *testing.T) {
	want := Info{
		Token: 0x89abcdef, Fallback: true, RemoteKeyReceived: true, Checksums: true,
		WriteSeq: 0xf123456789abcdef, SndUna: 0xf123456789abcdee, RcvNxt: 0x1122334455667788,
		ExtraSubflows: 1, AddAddrSignal: 2, AddAddrAccepted: 3, LocalAddrUsed: 7,
		Limits: Limits{ExtraSubflows: 4, SignalEndpoints: 5, AddAddrAccepted: 6, SubflowEndpoints: 8},
	}
	check := func(kernel string, b []byte) {
		t.Helper()
		got, err := parseInfo(b)
		if diff := cmp.Diff(&want, got); err != nil || diff != "" {
			t.Errorf("linux %s: %v (-want +got):\n%s", kernel, err, diff)
		}
	}
	check("6.1 on 386", infoOf(43, 44))
	check("6.1", infoOf(43, 48))
	want.Traffic = &Traffic{
		Retransmits: 9, BytesRetransmitted: 10, BytesSent: 1 << 40, BytesReceived: 12, BytesAcked: 13,
	}
	check("6.5", infoOf(80, 80))
	want.SubflowsTotal = new(uint8(14))
	check("6.8 on 386", infoOf(81, 84))
	check("6.8", infoOf(81, 88))
	want.Limits.LaminarEndpoints = new(uint8(15))
	want.Limits.FullmeshEndpoints = new(uint8(16))
	want.Idle = &Idle{
		DataSent: 1700 * time.Millisecond, DataReceived: 18 * time.Millisecond, AckReceived: 4294967295 * time.Millisecond,
	}
	check("7.2", infoOf(96, 96))
	check("to come", append(infoOf(96, 96), bytes.Repeat([]byte{0xff}, 40)...))

	zero := infoOf(96, 96)
	zero[81], zero[82] = 0, 0
	want.Limits.LaminarEndpoints, want.Limits.FullmeshEndpoints = nil, nil
	check("6.10, or 7.2 without such endpoints", zero)
}

func TestParseInfoShort(t *testing.T) {
	for n := range 43 {
		if info, err := parseInfo(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are decoded to %+v", n, info)
		}
	}
}

// Whoever reads many connections reads them into one Info.
func TestParseInfoAgain(t *testing.T) {
	long, short := infoOf(96, 96), infoOf(43, 48)
	var info Info
	if err := ParseInfo(long, &info); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _ = ParseInfo(long, &info) }); n > 0 {
		t.Errorf("%v allocations for one more, want none", n)
	}
	if err := ParseInfo(short, &info); err != nil {
		t.Fatal(err)
	}
	want, err := parseInfo(short)
	if diff := cmp.Diff(want, &info); err != nil || diff != "" {
		t.Errorf("%v: something is left of what was read before (-want +got):\n%s", err, diff)
	}
	before := info
	if err := ParseInfo(short[:42], &info); err == nil || !cmp.Equal(before, info) {
		t.Errorf("%v: a failure changes the info", err)
	}
}
