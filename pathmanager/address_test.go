package pathmanager

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// TestEndpointBytes holds the layout of uapi/linux/mptcp_pm.h: struct nlattr,
// numbers in host byte order, the port too, and addresses in network byte order.
func TestEndpointBytes(t *testing.T) {
	e := Endpoint{Addr: netip.MustParseAddr("10.1.2.3"), ID: 9, Port: 0x1234, Flags: Signal | Laminar, IfIndex: 0x10203}
	native := binary.NativeEndian
	header := func(b []byte, size, number uint16) []byte {
		return native.AppendUint16(native.AppendUint16(b, size), number)
	}
	want := header(nil, 52, 1|0x8000) // NLA_F_NESTED
	want = append(native.AppendUint16(header(want, 6, 1), 2), 0, 0)
	want = append(header(want, 8, 3), 10, 1, 2, 3)
	want = append(header(want, 5, 2), 9, 0, 0, 0)
	want = append(native.AppendUint16(header(want, 6, 5), 0x1234), 0, 0)
	want = native.AppendUint32(header(want, 8, 6), 0x21)
	want = native.AppendUint32(header(want, 8, 7), 0x10203)
	got := []byte(addressed(e.encode()))
	if string(got) != string(want) {
		t.Errorf("endpoint in bytes\n%x, want\n%x", got, want)
	}
	if back, err := decodeEndpoint(got); err != nil || back != e {
		t.Errorf("read back %v, %v, want %v", back, err, e)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"a short header":   {1, 2},
		"an empty nest":    addressed(nil),
		"a short address":  addressed(attribute(addrAddr4, 10, 0, 0)),
		"a wide id":        addressed(attribute(addrID, 1, 2)),
		"a narrow port":    addressed(attribute(addrPort, 1)),
		"narrow flags":     addressed(attribute(addrFlags, 1, 2)),
		"a wide interface": addressed(attribute(addrIfIndex, 1, 2, 3, 4, 5, 6, 7, 8)),
	} {
		if e, err := decodeEndpoint(data); err == nil {
			t.Errorf("%s is decoded to %v", name, e)
		}
	}
}

// FuzzDecodeEndpoint: nothing makes it panic, and what is decoded and could be
// written is written and read back the same.
func FuzzDecodeEndpoint(f *testing.F) {
	for _, e := range []Endpoint{
		{Addr: netip.MustParseAddr("10.0.0.1"), ID: 1},
		{Addr: netip.MustParseAddr("fd00::1"), ID: 255, Flags: Subflow | Backup, IfIndex: 7},
		{Addr: netip.MustParseAddr("::ffff:10.0.0.9"), ID: 9, Flags: Signal, Port: 5555},
	} {
		f.Add([]byte(addressed(e.encode())))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeEndpoint(data)
		if err != nil || e.Check() != nil {
			return
		}
		if back, err := decodeEndpoint([]byte(addressed(e.encode()))); err != nil || back != e {
			t.Errorf("%v is read back as %v, %v", e, back, err)
		}
	})
}
