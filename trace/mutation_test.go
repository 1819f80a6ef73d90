package trace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// mptcpOptions calls visit with each MPTCP option of a packet: the bytes in the
// packet itself.
func mptcpOptions(t testing.TB, p *trace.Packet, visit func(wire.Option)) {
	t.Helper()
	var s trace.Segment
	if err := s.Decode(p); err != nil {
		t.Fatal(err)
	}
	for rest := s.Options; ; {
		option, next, err := wire.Next(rest)
		if err != nil {
			t.Fatal(err)
		}
		if option == nil {
			return
		}
		visit(option)
		rest = next
	}
}

// field is a part of an option, and what the verdict must name when it is
// altered. Where nothing is named, the rest of the capture may not tell.
type field struct {
	first, last int // bytes of the option
	name        string
	blames      []string // one of these
}

// fieldsOf lists the fields of an option as it is on the wire (RFC 8684,
// section 3).
func fieldsOf(option wire.Option) []field {
	header := field{0, 0, "kind", nil} // another kind is an option we know nothing of
	length := field{1, 1, "length", nil}
	flags := field{2, 3, "subtype and flags", nil}
	fields := []field{header, length, flags}
	switch kind := fmt.Sprintf("%s %d", option.Subtype(), len(option)); kind {
	case "MP_CAPABLE 4":
	case "MP_CAPABLE 12":
		fields = append(fields, field{4, 11, "server's key", []string{"the server's key"}})
	case "MP_CAPABLE 20", "MP_CAPABLE 22":
		fields = append(fields,
			field{4, 11, "client's key", []string{"the client's key"}},
			field{12, 19, "server's key", []string{"the server's key"}})
		if len(option) == 22 {
			fields = append(fields, field{20, 21, "data length", []string{"mapping_to_server"}})
		}
	case "MP_JOIN 12":
		fields = append(fields,
			field{4, 7, "token", []string{"an MP_JOIN has the token"}},
			field{8, 11, "nonce", []string{"hmac_syn_ack"}})
	case "MP_JOIN 16":
		fields = append(fields,
			field{4, 11, "HMAC", []string{"hmac_syn_ack"}},
			field{12, 15, "nonce", []string{"hmac_syn_ack"}})
	case "MP_JOIN 24":
		fields = append(fields, field{4, 23, "HMAC", []string{"hmac_ack"}})
	default:
		fields = append(fields, dssFields(option)...)
	}
	return fields
}

func dssFields(option wire.Option) []field {
	var dss wire.DSS
	if err := wire.ParseDSS(option, &dss); err != nil {
		panic(err)
	}
	ack := 4 + 4
	if dss.Ack64 {
		ack = 4 + 8
	}
	fields := []field{{4, ack - 1, "DATA_ACK", nil}}
	if !dss.HasMap {
		return fields
	}
	blames := []string{"mapping_to_", "data_fin_to_", "idsn_to_", "infinite mapping"}
	return append(fields,
		field{ack, ack + 7, "DSN", blames},
		field{ack + 8, ack + 11, "SSN", blames},
		field{ack + 12, ack + 13, "mapping length", blames})
}

// TestEveryBit alters each bit of each MPTCP option of a real capture, one at a
// time. An altered key, token, nonce, HMAC or mapping must not be proven, and
// must be named.
func TestEveryBit(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	tried := 0
	for number := range packets {
		mptcpOptions(t, &packets[number], func(option wire.Option) {
			for _, field := range fieldsOf(option) {
				if field.blames == nil {
					continue
				}
				for bit := field.first * 8; bit < (field.last+1)*8; bit++ {
					tried++
					option[bit/8] ^= 0x80 >> (bit % 8)
					verdict := analyze(packets).Verdict
					option[bit/8] ^= 0x80 >> (bit % 8)
					named := slices.ContainsFunc(field.blames, func(name string) bool {
						return strings.Contains(verdict.String(), name)
					})
					if verdict.Proven || !named {
						t.Errorf("packet %d, %v, bit %d of its %s altered: %s", number+1, option, bit, field.name, verdict)
					}
				}
			}
		})
	}
	if tried < 2400 {
		t.Errorf("only %d bits were altered", tried)
	}
	if verdict := analyze(packets).Verdict; !verdict.Proven {
		t.Errorf("put back, the capture is %s", verdict)
	}
}

// TestEverythingElse alters the other bits of the options, of which the capture
// holds no second account: whatever the verdict, it may not crash, and only
// these may go unnoticed.
func TestEverythingElse(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	for number := range packets {
		mptcpOptions(t, &packets[number], func(option wire.Option) {
			before, kind := option.String(), option.Subtype()
			for bit := range 4 * 8 {
				option[bit/8] ^= 0x80 >> (bit % 8)
				proven := analyze(packets).Verdict.Proven
				if proven && !unnoticed(kind, len(option), bit) {
					t.Errorf("packet %d, %s: proven with bit %#02x of byte %d altered: %v",
						number+1, before, 0x80>>(bit%8), bit/8, option)
				}
				option[bit/8] ^= 0x80 >> (bit % 8)
			}
		})
	}
}

// unnoticed lists bits that nothing else in a capture speaks of.
func unnoticed(kind wire.Subtype, length, bit int) bool {
	flag := 0x80 >> (bit % 8)
	switch bit / 8 {
	case 0: // the option's kind: the option is gone, and others say the same
		return kind == wire.SubtypeDSS || kind == wire.SubtypeMPCapable && length == 20
	case 2:
		if kind == wire.SubtypeMPCapable { // a version offered in vain; a repeated option gone
			return length == 4 && flag <= 0x08 && flag != 0x01 || length == 20 && flag >= 0x10
		}
		return flag <= 0x08 // reserved bits, the backup flag
	case 3:
		switch kind {
		case wire.SubtypeMPCapable: // all but A, checksum required, and H, the algorithm
			return flag != 0x80 && flag != 0x01
		case wire.SubtypeDSS: // reserved, or the width of a mapping that is not there
			return flag >= 0x20 || length <= 12 && flag >= 0x08
		}
		return kind == wire.SubtypeMPJoin // address id
	}
	return false
}
