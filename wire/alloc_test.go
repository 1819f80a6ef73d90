package wire_test

import (
	"testing"

	"allroads/wire"
)

// sink holds one struct of each kind, so that a test or benchmark can parse without making one.
type sink struct {
	capable      wire.MPCapable
	join         wire.MPJoin
	dss          wire.DSS
	addAddr      wire.AddAddr
	removeAddr   wire.RemoveAddr
	prio         wire.MPPrio
	fail         wire.MPFail
	fastClose    wire.MPFastClose
	rst          wire.MPTCPRst
	experimental wire.Experimental
	unknown      wire.Unknown
}

func (s *sink) parse(o wire.Option) error {
	switch o.Subtype() {
	case wire.SubtypeMPCapable:
		return wire.ParseMPCapable(o, &s.capable)
	case wire.SubtypeMPJoin:
		return wire.ParseMPJoin(o, &s.join)
	case wire.SubtypeDSS:
		return wire.ParseDSS(o, &s.dss)
	case wire.SubtypeAddAddr:
		return wire.ParseAddAddr(o, &s.addAddr)
	case wire.SubtypeRemoveAddr:
		return wire.ParseRemoveAddr(o, &s.removeAddr)
	case wire.SubtypeMPPrio:
		return wire.ParseMPPrio(o, &s.prio)
	case wire.SubtypeMPFail:
		return wire.ParseMPFail(o, &s.fail)
	case wire.SubtypeMPFastClose:
		return wire.ParseMPFastClose(o, &s.fastClose)
	case wire.SubtypeMPTCPRst:
		return wire.ParseMPTCPRst(o, &s.rst)
	case wire.SubtypeExperimental:
		return wire.ParseExperimental(o, &s.experimental)
	}
	return wire.ParseUnknown(o, &s.unknown)
}

// Good and malformed options alike: the errors exist already.
func TestParseDoesNotAllocate(t *testing.T) {
	var s sink
	for _, v := range vectors(t) {
		if n := testing.AllocsPerRun(100, func() { _ = s.parse(v.raw) }); n != 0 {
			t.Errorf("%x: %v allocations", []byte(v.raw), n)
		}
	}
}

// Texts of options, good and malformed: an analyzer prints one for each packet.
func TestAppendTextDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	options := []wire.Option{{30, 3, 0xa0}, {30, 4, 0xb1, 2}, {30, 4, 0x80, 200}, {30, 3, 0xf1}, {30, 2}, {}, {30, 4, 0x10, 1}, {30, 5, 0x30, 1, 2}}
	for _, v := range vectors(t) {
		options = append(options, v.raw)
	}
	for _, o := range options {
		if n := testing.AllocsPerRun(100, func() { _, _ = o.AppendText(buf) }); n != 0 {
			t.Errorf("%v: %v allocations", o, n)
		}
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for _, options := range []string{
		"0101080a0000000100000001" + "1e1a200f5a7c0f341b6fd9c41c818c8b847a5135000000010013",
		"1e021e035000", "1e1a20", "",
	} {
		raw := unhex(t, options)
		n := testing.AllocsPerRun(100, func() {
			for rest := raw; rest != nil; {
				_, rest, _ = wire.Next(rest)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", options, n)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 64)
	for _, v := range vectors(t) {
		decoded, err := v.raw.Decode()
		if err != nil {
			continue
		}
		if n := testing.AllocsPerRun(100, func() { _ = appendAny(buf, decoded) }); n != 0 {
			t.Errorf("%x: %v allocations", []byte(v.raw), n)
		}
	}
}

func TestDerivationsDoNotAllocate(t *testing.T) {
	payload := make([]byte, 1400)
	n := testing.AllocsPerRun(100, func() {
		_ = wire.V1.Token(1)
		_ = wire.V0.IDSN(1)
		_ = wire.Checksum(1, 2, 1400, payload[:701], payload[701:])
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
