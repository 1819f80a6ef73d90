package wire_test

import (
	"bytes"
	"net/netip"
	"testing"

	"allroads/wire"
)

// What no option can carry appends nothing.
func TestAppendNothing(t *testing.T) {
	v4 := netip.MustParseAddr("10.0.0.1")
	for name, v := range map[string]any{
		"v0 without a key":          &wire.MPCapable{Version: wire.V0, Flags: wire.FlagH},
		"v0 with data":              &wire.MPCapable{HasSenderKey: true, HasReceiverKey: true, HasData: true},
		"receiver key only":         &wire.MPCapable{Version: wire.V1, HasReceiverKey: true},
		"data without keys":         &wire.MPCapable{Version: wire.V1, HasData: true},
		"data with one key":         &wire.MPCapable{Version: wire.V1, HasSenderKey: true, HasData: true},
		"checksum without data":     &wire.MPCapable{Version: wire.V1, HasSenderKey: true, HasReceiverKey: true, HasChecksum: true},
		"checksum only":             &wire.MPCapable{Version: wire.V1, HasChecksum: true},
		"version of five bits":      &wire.MPCapable{Version: 16, HasSenderKey: true},
		"join without a form":       &wire.MPJoin{Token: 1},
		"join of a fourth form":     &wire.MPJoin{Form: wire.JoinACK + 1},
		"no address":                &wire.AddAddr{Version: wire.V1, Echo: true},
		"neither echo nor HMAC":     &wire.AddAddr{Version: wire.V1, Addr: v4},
		"echo and HMAC":             &wire.AddAddr{Version: wire.V1, Addr: v4, Echo: true, HasHMAC: true},
		"v0 echo":                   &wire.AddAddr{Version: wire.V0, Addr: v4, Echo: true},
		"v0 HMAC":                   &wire.AddAddr{Version: wire.V0, Addr: v4, HasHMAC: true},
		"ADD_ADDR v2":               &wire.AddAddr{Version: 2, Addr: v4, Echo: true},
		"no identifier":             &wire.RemoveAddr{},
		"38 identifiers":            &wire.RemoveAddr{Count: 38},
		"long experiment":           &wire.Experimental{Body: make([]byte, 253)},
		"nibble of five bits":       &wire.Experimental{Nibble: 16},
		"long unknown":              &wire.Unknown{Body: make([]byte, 253)},
		"subtype of five bits":      &wire.Unknown{Subtype: 16},
		"unknown with a big nibble": &wire.Unknown{Nibble: 16},
	} {
		if got := appendAny([]byte{1, 1}, v); !bytes.Equal(got, []byte{1, 1}) {
			t.Errorf("%s: appended %x", name, got[2:])
		}
	}
}

// Append goes on behind what is there and writes nothing else.
func TestAppendKeepsPrefix(t *testing.T) {
	for _, v := range vectors(t) {
		decoded, err := v.raw.Decode()
		if err != nil {
			continue
		}
		buf := bytes.Repeat([]byte{0xee}, 64)
		got := appendAny(buf[:3], decoded)
		want := bytes.Repeat([]byte{0xee}, 64)
		copy(want[3:], v.raw)
		if !bytes.Equal(buf, want) || len(got) != 3+len(v.raw) {
			t.Errorf("%x: got %x", []byte(v.raw), got)
		}
	}
}

// Fields of a part that is absent are not looked at.
func TestAppendIgnoresAbsentParts(t *testing.T) {
	tests := []struct {
		v    any
		want string
	}{
		{&wire.MPCapable{Version: wire.V1, Flags: wire.FlagH, SenderKey: 5, ReceiverKey: 6, DataLength: 7, Checksum: 8}, "1e040101"},
		{&wire.MPJoin{Form: wire.JoinACK, Backup: true, AddressID: 5, Token: 6, Nonce: 7}, "1e181000" + "0000000000000000000000000000000000000000"},
		{&wire.DSS{Ack64: true, DataAck: 5, DSN64: true, DSN: 6, SSN: 7, Length: 8, HasChecksum: true, Checksum: 9}, "1e042000"},
		{&wire.DSS{HasAck: true, DataAck: 0x1_0000_0002}, "1e08200100000002"},
		{&wire.AddAddr{Version: wire.V1, Echo: true, Addr: netip.MustParseAddr("10.0.0.1"), Port: 5, HMAC: [8]byte{1}}, "1e0831000a000001"},
		{&wire.AddAddr{Version: wire.V1, Echo: true, Addr: netip.MustParseAddr("fe80::1%eth0")}, "1e143100fe800000000000000000000000000001"},
		{&wire.MPPrio{AddressID: 5}, "1e0350"},
	}
	for _, tt := range tests {
		if got := appendAny(nil, tt.v); !bytes.Equal(got, unhex(t, tt.want)) {
			t.Errorf("%+v: got %x, want %s", tt.v, got, tt.want)
		}
	}
}

func TestRemoveAddrList(t *testing.T) {
	r := wire.RemoveAddr{Count: 200}
	if n := len(r.List()); n != 37 {
		t.Errorf("Count 200: %d identifiers, want the 37 there are", n)
	}
}

func TestInfiniteMapping(t *testing.T) {
	for _, tt := range []struct {
		d    wire.DSS
		want bool
	}{
		{wire.DSS{HasMap: true}, true},
		{wire.DSS{HasMap: true, Length: 1}, false},
		{wire.DSS{HasAck: true}, false},
	} {
		if got := tt.d.InfiniteMapping(); got != tt.want {
			t.Errorf("%+v: got %v", tt.d, got)
		}
	}
}
