package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"allroads/wire"
)

// parsers calls each Parse function on b with a struct that is not zero and returns that struct.
var parsers = map[wire.Subtype]func(b []byte) (any, error){
	wire.SubtypeMPCapable: func(b []byte) (any, error) {
		m := wire.MPCapable{Version: 9, Flags: 1, HasSenderKey: true, HasReceiverKey: true, SenderKey: 1,
			ReceiverKey: 1, HasData: true, DataLength: 1, HasChecksum: true, Checksum: 1}
		err := wire.ParseMPCapable(b, &m)
		return m, err
	},
	wire.SubtypeMPJoin: func(b []byte) (any, error) {
		m := wire.MPJoin{Form: wire.JoinACK, Backup: true, AddressID: 1, Token: 1, Nonce: 1, HMAC: [20]byte{19: 1}}
		err := wire.ParseMPJoin(b, &m)
		return m, err
	},
	wire.SubtypeDSS: func(b []byte) (any, error) {
		m := wire.DSS{HasAck: true, Ack64: true, DataAck: 1, HasMap: true, DSN64: true, DSN: 1, SSN: 1, Length: 1,
			HasChecksum: true, Checksum: 1, DataFIN: true}
		err := wire.ParseDSS(b, &m)
		return m, err
	},
	wire.SubtypeAddAddr: func(b []byte) (any, error) {
		m := wire.AddAddr{Version: 9, Echo: true, AddressID: 1, HasPort: true, Port: 1, HasHMAC: true, HMAC: [8]byte{1}}
		err := wire.ParseAddAddr(b, &m)
		return m, err
	},
	wire.SubtypeRemoveAddr: func(b []byte) (any, error) {
		m := wire.RemoveAddr{Count: 37, IDs: [37]uint8{36: 1}}
		err := wire.ParseRemoveAddr(b, &m)
		return m, err
	},
	wire.SubtypeMPPrio: func(b []byte) (any, error) {
		m := wire.MPPrio{Backup: true, HasAddressID: true, AddressID: 1}
		err := wire.ParseMPPrio(b, &m)
		return m, err
	},
	wire.SubtypeMPFail: func(b []byte) (any, error) {
		m := wire.MPFail{DSN: 1}
		err := wire.ParseMPFail(b, &m)
		return m, err
	},
	wire.SubtypeMPFastClose: func(b []byte) (any, error) {
		m := wire.MPFastClose{Key: 1}
		err := wire.ParseMPFastClose(b, &m)
		return m, err
	},
	wire.SubtypeMPTCPRst: func(b []byte) (any, error) {
		m := wire.MPTCPRst{U: true, V: true, W: true, Transient: true, Reason: 1}
		err := wire.ParseMPTCPRst(b, &m)
		return m, err
	},
	wire.SubtypeExperimental: func(b []byte) (any, error) {
		m := wire.Experimental{Nibble: 1, Body: []byte{1}}
		err := wire.ParseExperimental(b, &m)
		return m, err
	},
}

func TestParseOverwrites(t *testing.T) {
	for _, v := range vectors(t) {
		parse := parsers[v.raw.Subtype()]
		if parse == nil || v.raw[0] != wire.OptionKind {
			continue
		}
		fresh, wantErr := v.raw.Decode()
		got, err := parse(v.raw)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%x: got %v, want %v", []byte(v.raw), err, wantErr)
		}
		if err != nil {
			fresh = reflect.New(reflect.TypeOf(got)).Interface() // zero
		}
		if want := reflect.ValueOf(fresh).Elem().Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%x into a used struct: got %#v, want %#v", []byte(v.raw), got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for subtype, parse := range parsers {
		other := subtype ^ 1
		tests := []struct {
			name string
			b    []byte
			want error
		}{
			{"empty", nil, wire.ErrLength},
			{"one byte", []byte{30}, wire.ErrLength},
			{"two bytes", []byte{30, 2}, wire.ErrLength},
			{"length byte too small", append([]byte{30, 3, byte(subtype) << 4}, make([]byte, 9)...), wire.ErrLength},
			{"length byte too large", []byte{30, 13, byte(subtype) << 4, 0}, wire.ErrLength},
			{"other kind", []byte{29, 3, byte(subtype) << 4}, wire.ErrKind},
			{"other kind, short", []byte{0}, wire.ErrKind},
			{"other subtype", []byte{30, 3, byte(other) << 4}, wire.ErrSubtype},
		}
		for _, tt := range tests {
			got, err := parse(tt.b)
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, %s: got %v, want %v", subtype, tt.name, err, tt.want)
				continue
			}
			if want := "parse " + subtype.String() + ": " + tt.want.Error(); err.Error() != want {
				t.Errorf("%v, %s: got %q, want %q", subtype, tt.name, err, want)
			}
			if !reflect.ValueOf(got).IsZero() {
				t.Errorf("%v, %s: the struct is not zero: %#v", subtype, tt.name, got)
			}
		}
	}
}

// An append to a body must not write over the option behind it.
func TestBodyLimitsCapacity(t *testing.T) {
	options := unhex(t, "1e04f0011e04900101")
	var e wire.Experimental
	var u wire.Unknown
	if err := errors.Join(wire.ParseExperimental(options[:4], &e), wire.ParseUnknown(options[4:8], &u)); err != nil {
		t.Fatal(err)
	}
	_, _ = append(e.Body, 0xff), append(u.Body, 0xff)
	if options[4] != 30 || options[8] != 1 {
		t.Errorf("append wrote behind the option: %x", options)
	}
}

func TestParseUnknownErrors(t *testing.T) {
	u := wire.Unknown{Nibble: 1}
	err := wire.ParseUnknown([]byte{30, 2}, &u)
	if !errors.Is(err, wire.ErrLength) || !strings.Contains(err.Error(), "parse MPTCP option:") {
		t.Errorf("short: got %v", err)
	}
	if err := wire.ParseUnknown([]byte{29, 3, 0x90}, &u); !errors.Is(err, wire.ErrKind) {
		t.Errorf("other kind: got %v", err)
	}
	if u.Nibble != 0 {
		t.Errorf("not overwritten: %+v", u)
	}
}
