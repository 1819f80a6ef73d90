package pathmanager

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var equalAddrs = cmpopts.EquateComparable(netip.Addr{})

// attribute is a struct nlattr with its value, padded (uapi/linux/netlink.h).
func attribute(number uint16, value ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, number), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

func u16(n uint16) []byte { return binary.NativeEndian.AppendUint16(nil, n) }
func u32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

func join(attributes ...[]byte) (all []byte) {
	for _, a := range attributes {
		all = append(all, a...)
	}
	return all
}

// everything holds each attribute of enum mptcp_event_attr once.
var everything = join(
	attribute(1, u32(0x83119fc5)...), attribute(2, u16(10)...), attribute(3, 7), attribute(4, 9),
	attribute(5, 10, 0, 0, 1), attribute(8, netip.MustParseAddr("fd00::2").AsSlice()...),
	attribute(9, 0x12, 0x34), attribute(10, 0, 80), attribute(11, 1), attribute(12, 111), attribute(13, u16(0x8001)...),
	attribute(14, u32(3)...), attribute(15, u32(5)...), attribute(16, u32(6)...), attribute(17, u32(0xf)...), attribute(18, 1),
)

func TestDecodeEvent(t *testing.T) {
	a := netip.MustParseAddr
	for name, c := range map[string]struct {
		data []byte
		want Event
	}{
		"nothing": {nil, Event{}},
		"everything": {everything, Event{Token: 0x83119fc5, Family: new(uint16(10)), LocalID: new(uint8(7)), RemoteID: new(uint8(9)),
			Source: a("10.0.0.1"), Destination: a("fd00::2"), SourcePort: new(uint16(0x1234)), DestinationPort: new(uint16(80)),
			Backup: new(true), Error: new(uint8(111)), Flags: new(uint16(0x8001)), Timeout: new(uint32(3)), IfIndex: new(int32(5)),
			ResetReason: new(uint32(6)), ResetFlags: new(uint32(0xf)), ServerSide: true}},
		"zeroes are not absent": {join(attribute(3, 0), attribute(4, 0), attribute(9, 0, 0), attribute(11, 0), attribute(12, 0),
			attribute(13, u16(0)...), attribute(15, u32(0)...), attribute(18, 0)),
			Event{LocalID: new(uint8(0)), RemoteID: new(uint8(0)), SourcePort: new(uint16(0)), Backup: new(false), Error: new(uint8(0)),
				Flags: new(uint16(0)), IfIndex: new(int32(0))}},
		"the server by a flag": {attribute(13, u16(2)...), Event{Flags: new(uint16(2)), ServerSide: true}},
		"the server by an attribute": {join(attribute(18, 1), attribute(13, u16(1)...)),
			Event{Flags: new(uint16(DenyJoinID0)), ServerSide: true}},
		"IPv4 within IPv6": {join(attribute(6, a("::ffff:10.0.0.1").AsSlice()...), attribute(7, 10, 0, 0, 2)),
			Event{Source: a("::ffff:10.0.0.1"), Destination: a("10.0.0.2")}},
		"an attribute of the future": {join(attribute(99, 1, 2, 3), attribute(3, 4)), Event{LocalID: new(uint8(4))}},
	} {
		c.want.Type, c.want.NetNSID = SubflowClosed, -1
		got, err := decodeEvent(11, c.data)
		if diff := cmp.Diff(c.want, got, equalAddrs); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"a short header":    {1, 2},
		"a short token":     attribute(1, 1, 2, 3),
		"a wide id":         attribute(3, 1, 2),
		"a short address":   attribute(5, 10, 0, 0),
		"IPv6 in IPv4":      attribute(7, make([]byte, 16)...),
		"IPv4 in IPv6":      attribute(6, 10, 0, 0, 1),
		"a wide port":       attribute(9, 1, 2, 3, 4),
		"no port":           attribute(10),
		"narrow flags":      attribute(13, 1),
		"beyond the end":    {9, 0, 1, 0, 1},
		"cut in everything": everything[:len(everything)-6],
	} {
		if e, err := decodeEvent(1, data); err == nil {
			t.Errorf("%s is decoded to %+v", name, e)
		}
	}
}

// FuzzDecodeEvent: nothing makes it panic, what is decoded is the same each
// time, and an attribute of the future changes nothing.
func FuzzDecodeEvent(f *testing.F) {
	f.Add(uint8(1), everything)
	f.Add(uint8(15), join(attribute(2, u16(2)...), attribute(9, 1, 2), attribute(5, 10, 0, 0, 1)))
	f.Fuzz(func(t *testing.T, command uint8, data []byte) {
		e, err := decodeEvent(command, data)
		if err != nil {
			return
		}
		if e.Type != EventType(command) || e.NetNSID != -1 || e.Source.Zone() != "" || e.Lost != 0 {
			t.Errorf("decoded to %+v", e)
		}
		again, err := decodeEvent(command, append(attribute(99, 1), data...))
		if diff := cmp.Diff(e, again, equalAddrs); err != nil || diff != "" {
			t.Errorf("with another attribute: %v\n%s", err, diff)
		}
	})
}

// FuzzMessages: a datagram is taken apart without a panic and comes to an end.
func FuzzMessages(f *testing.F) {
	message := func(family uint16, body ...byte) []byte {
		b := append(u32(uint32(16+len(body))), u16(family)...)
		return append(append(b, make([]byte, 10)...), body...)
	}
	f.Add(join(message(7, 1, 1, 0, 0), message(7, append([]byte{15, 1, 0, 0}, attribute(9, 1, 2)...)...)))
	f.Add(message(3, 1, 1, 0, 0))
	f.Add(message(7))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		l := Listener{family: 7, rest: datagram}
		for n := 0; len(l.rest) > 0; n++ {
			left := len(l.rest)
			if _, _, err := l.waiting(); err != nil {
				return
			}
			if len(l.rest) >= left || n > len(datagram) {
				t.Fatalf("%d bytes left of %d", len(l.rest), left)
			}
		}
	})
}
