package mptcp

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tcpBytes is a struct tcp_info; its offsets are written out once more, from
// the header of Linux 7.2.
func tcpBytes(size int, state uint8) []byte {
	return answer(max(size, 216), map[int]any{
		0: state, 68: uint32(1500), 72: uint32(250), 120: uint64(1 << 33), 128: uint64(22), 200: uint64(1<<33 + 5), 208: uint64(44),
	})[:size]
}

func subflowWith(id *uint32, local, remote string, state TCPState) Subflow {
	return Subflow{
		ID: id, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote), State: state,
		RTT: 1500 * time.Microsecond, RTTVar: 250 * time.Microsecond,
		BytesAcked: 1 << 33, BytesReceived: 22, BytesSent: 1<<33 + 5, BytesRetransmitted: 44,
	}
}

var (
	pair4 = append(sockaddr4(netip.MustParseAddrPort("192.0.2.1:1000")), sockaddr4(netip.MustParseAddrPort("192.0.2.2:80"))...)
	pair6 = append(sockaddr6(netip.MustParseAddrPort("[2001:db8::1]:2000"), 0), sockaddr6(netip.MustParseAddrPort("[2001:db8::2]:80"), 0)...)

	want4 = subflowWith(nil, "192.0.2.1:1000", "192.0.2.2:80", StateEstablished)
	want6 = subflowWith(nil, "[2001:db8::1]:2000", "[2001:db8::2]:80", StateSynSent)
)

// fullAnswer is an answer with two subflows of a kernel that aligns addresses
// at an offset, and fills tcpSize bytes of each struct tcp_info.
func fullAnswer(addrsAt, tcpSize int) *fullInfo {
	f := &fullInfo{header: [fullHeader]byte(answer(fullHeader, map[int]any{
		0: uint32(280), 4: uint32(tcpSize), 8: uint32(addrsAt + 256), 12: uint32(addrsAt + 256), 16: uint32(2), 20: uint32(9)}))}
	for id, addrs := range [][]byte{pair4, pair6} {
		f.subflowInfos = append(f.subflowInfos, answer(addrsAt+256, map[int]any{0: uint32(id + 7), addrsAt: addrs})...)
		f.tcpInfos = append(f.tcpInfos, tcpBytes(tcpSize, uint8(id+1))...)
	}
	return f
}

func TestParseFullInfo(t *testing.T) {
	first, second := want4, want6
	first.ID, second.ID = new(uint32(7)), new(uint32(8))
	want := []Subflow{first, second}
	for name, f := range map[string]*fullInfo{
		"64-bit kernel":     fullAnswer(8, 216),
		"32-bit kernel":     fullAnswer(4, 216),
		"longer struct":     fullAnswer(8, 400),
		"room for more yet": {fullAnswer(8, 216).header, append(fullAnswer(8, 216).subflowInfos, make([]byte, 500)...), fullAnswer(8, 216).tcpInfos},
	} {
		got, err := f.subflows()
		if diff := cmp.Diff(want, got, equateAddrs); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestParseFullInfoErrors(t *testing.T) {
	more := fullAnswer(8, 216)
	copy(more.header[16:], answer(4, map[int]any{0: uint32(3)}))
	empty := &fullInfo{header: [fullHeader]byte(answer(fullHeader, map[int]any{16: uint32(1 << 31)}))}
	family := fullAnswer(8, 216)
	family.subflowInfos[264+8], family.subflowInfos[264+9] = 0, 0
	for want, f := range map[string]*fullInfo{
		"3 times 264 bytes":         more,
		"2147483648 times 0 bytes":  empty,
		"fewer than the 216":        fullAnswer(8, 200),
		"subflow 1: decode socket ": family,
	} {
		if got, err := f.subflows(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %+v, %v, want error with %q", got, err, want)
		}
	}
}

// dataAnswer is an answer to MPTCP_TCPINFO or MPTCP_SUBFLOW_ADDRS.
func dataAnswer(count, size int, elements ...[]byte) []byte {
	b := answer(16, map[int]any{0: uint32(16), 4: uint32(count), 8: uint32(size), 12: uint32(size)})
	for _, e := range elements {
		b = append(b, e...)
	}
	return b
}

func TestParseJoined(t *testing.T) {
	addrs := dataAnswer(2, 256, pair4, pair6)
	for _, size := range []int{216, 248, 280} {
		tcp := dataAnswer(2, size, tcpBytes(size, 1), tcpBytes(size, 2))
		got, err := parseJoined(addrs, tcp)
		if diff := cmp.Diff([]Subflow{want4, want6}, got, equateAddrs); err != nil || diff != "" {
			t.Errorf("tcp_info of %d bytes: %v (-want +got):\n%s", size, err, diff)
		}
	}
	if got, err := parseJoined(dataAnswer(0, 256), dataAnswer(0, 216)); err != nil || len(got) != 0 {
		t.Errorf("no subflows: %+v, %v", got, err)
	}
}

func TestParseJoinedErrors(t *testing.T) {
	addrs, tcp := dataAnswer(2, 256, pair4, pair6), dataAnswer(2, 216, tcpBytes(216, 1), tcpBytes(216, 2))
	for want, answers := range map[string][2][]byte{
		"join 2 subflow addresses with 1 tcp infos":                       {addrs, dataAnswer(1, 216, tcpBytes(216, 1))},
		"decode subflow addresses: answer of 15 bytes":                    {addrs[:15], tcp},
		"decode tcp infos: answer of 0 bytes":                             {addrs, nil},
		"decode tcp infos: 2 times 216 bytes, answer of 431":              {addrs, tcp[:len(tcp)-1]},
		"subflow 0: decode subflow addresses: 128 bytes, want 256":        {dataAnswer(2, 128, pair4), tcp},
		"subflow 0: decode tcp info: 100 bytes are fewer than the 216 of": {addrs, dataAnswer(2, 100, tcpBytes(100, 1), tcpBytes(100, 1))},
	} {
		if got, err := parseJoined(answers[0], answers[1]); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %+v, %v, want error %q", got, err, want)
		}
	}
}

// answers is a kernel in which the subflows change from one call to the next.
func answers(t *testing.T, list ...[]byte) func(option, size int) ([]byte, error) {
	return func(option, size int) ([]byte, error) {
		if len(list) == 0 {
			t.Fatal("asked more often than expected")
		}
		next := list[0]
		list = list[1:]
		return next, nil
	}
}

func TestJoinChanging(t *testing.T) {
	one, two := dataAnswer(1, 256, pair4), dataAnswer(2, 256, pair4, pair6)
	other := dataAnswer(1, 256, pair6)
	tcp1, tcp2 := dataAnswer(1, 216, tcpBytes(216, 1)), dataAnswer(2, 216, tcpBytes(216, 1), tcpBytes(216, 2))

	for name, kernel := range map[string]func(int, int) ([]byte, error){
		"one more before the second call": answers(t, one, tcp2, two, two, tcp2, two),
		"one more before the third call":  answers(t, one, tcp1, two, two, tcp2, two),
		"one replaced":                    answers(t, other, tcp1, one, two, tcp2, two),
		"one there for a moment":          answers(t, one, tcp2, one, two, tcp2, two),
	} {
		got, err := join(kernel)
		if diff := cmp.Diff([]Subflow{want4, want6}, got, equateAddrs); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	_, err := join(answers(t, one, tcp1, two, one, tcp1, two, one, tcp1, two, one, tcp1, two, one, tcp1, two))
	if err != errChanging {
		t.Errorf("without rest: %v, want %v", err, errChanging)
	}
}
