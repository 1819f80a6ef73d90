package wire_test

import (
	"encoding"
	"fmt"
	"testing"

	"allroads/wire"
)

func TestStrings(t *testing.T) {
	for _, tt := range []struct {
		v    fmt.Stringer
		want string
	}{
		{wire.Subtype(0), "MP_CAPABLE"}, {wire.Subtype(1), "MP_JOIN"}, {wire.Subtype(2), "DSS"},
		{wire.Subtype(3), "ADD_ADDR"}, {wire.Subtype(4), "REMOVE_ADDR"}, {wire.Subtype(5), "MP_PRIO"},
		{wire.Subtype(6), "MP_FAIL"}, {wire.Subtype(7), "MP_FASTCLOSE"}, {wire.Subtype(8), "MP_TCPRST"},
		{wire.Subtype(9), "subtype 9"}, {wire.Subtype(14), "subtype 14"}, {wire.Subtype(15), "MP_EXPERIMENTAL"},
		{wire.Subtype(255), "subtype 255"},
		{wire.V0, "v0"}, {wire.V1, "v1"}, {wire.Version(15), "v15"},
		{wire.Key(0x11), "0000000000000011"}, {wire.Key(0xfedcba9876543210), "fedcba9876543210"},
		{wire.Token(0x11), "00000011"}, {wire.Token(0x83119fc5), "83119fc5"},
		{wire.FlagH, "H"}, {wire.ChecksumRequired | wire.FlagH, "A H"}, {wire.DenyJoin | wire.FlagH, "C H"},
		{wire.Extensible, "B"}, {wire.CapableFlags(0), "none"},
		{wire.JoinSYN, "syn"}, {wire.JoinSYNACK, "syn/ack"}, {wire.JoinACK, "ack"}, {wire.JoinForm(0), "form 0"},
		{wire.JoinForm(4), "form 4"},
		{wire.ResetUnspecified, "unspecified"}, {wire.ResetMPTCPError, "MPTCP-specific error"},
		{wire.ResetNoResources, "lack of resources"}, {wire.ResetProhibited, "administratively prohibited"},
		{wire.ResetTooMuchData, "too much outstanding data"}, {wire.ResetBadPerformance, "unacceptable performance"},
		{wire.ResetMiddlebox, "middlebox interference"}, {wire.ResetReason(255), "reason 255"},
	} {
		if got := tt.v.String(); got != tt.want {
			t.Errorf("%T: got %q, want %q", tt.v, got, tt.want)
		}
	}
}

// checkText writes every value as text and reads it back.
func checkText[T interface {
	comparable
	encoding.TextMarshaler
	fmt.Stringer
}, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, values ...T) {
	t.Helper()
	for _, want := range values {
		text, err := want.MarshalText()
		if err != nil || string(text) != want.String() {
			t.Errorf("%T %v: text %q, %v", want, want, text, err)
		}
		var got T
		if err := P(&got).UnmarshalText(text); err != nil || got != want {
			t.Errorf("%T %v: read back %v, %v", want, want, got, err)
		}
	}
}

func TestText(t *testing.T) {
	checkText(t, wire.JoinSYN, wire.JoinSYNACK, wire.JoinACK)
	checkText(t, wire.Key(0), wire.Key(1), wire.Key(1<<64-1))
	checkText(t, wire.Token(0), wire.Token(1), wire.Token(1<<32-1))
	for i := range 256 {
		checkText(t, wire.CapableFlags(i))
		checkText(t, wire.ResetReason(i))
	}
}

func TestUnmarshalTextErrors(t *testing.T) {
	for _, tt := range []struct {
		into encoding.TextUnmarshaler
		text string
	}{
		{new(wire.Key), ""}, {new(wire.Key), "0x1"}, {new(wire.Key), "10000000000000000"}, {new(wire.Key), "g"},
		{new(wire.Token), ""}, {new(wire.Token), "100000000"}, {new(wire.Token), "-1"},
		{new(wire.JoinForm), ""}, {new(wire.JoinForm), "SYN"},
		{new(wire.CapableFlags), "a"}, {new(wire.CapableFlags), "AH"}, {new(wire.CapableFlags), "I"},
		{new(wire.CapableFlags), "A,H"}, {new(wire.CapableFlags), ""}, {new(wire.CapableFlags), "A "}, {new(wire.CapableFlags), "H A"},
		{new(wire.ResetReason), ""}, {new(wire.ResetReason), "reason"}, {new(wire.ResetReason), "7"},
		{new(wire.ResetReason), "reason 256"}, {new(wire.ResetReason), "reason x"},
	} {
		if err := tt.into.UnmarshalText([]byte(tt.text)); err == nil {
			t.Errorf("%T: read %q, want an error", tt.into, tt.text)
		}
	}
}
