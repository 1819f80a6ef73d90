package wire

import "encoding/binary"

// DSS is the Data Sequence Signal (RFC 8684 section 3.3, RFC 6824 section 3.3; the same layout in both): an
// acknowledgement of the connection's data, a mapping of it onto the subflow, or both.
type DSS struct {
	HasAck      bool   `json:"has_ack,omitempty"`         // bit A
	Ack64       bool   `json:"ack64,omitempty"`           // bit a: eight bytes, else the low four
	DataAck     uint64 `json:"data_ack,string,omitempty"` // next data byte expected
	HasMap      bool   `json:"has_map,omitempty"`         // bit M
	DSN64       bool   `json:"dsn64,omitempty"`           // bit m: eight bytes, else the low four
	DSN         uint64 `json:"dsn,string,omitempty"`      // of the first byte mapped
	SSN         uint32 `json:"ssn,omitempty"`             // relative to the subflow's initial sequence number
	Length      uint16 `json:"length,omitempty"`          // bytes mapped, one more for a DATA_FIN; 0 is infinite
	HasChecksum bool   `json:"has_checksum,omitempty"`
	Checksum    uint16 `json:"checksum,omitempty"` // see the function Checksum; part of the mapping
	DataFIN     bool   `json:"data_fin,omitempty"` // bit F
}

// The flag bits of a DSS, in its fourth byte.
const (
	dssAck   = 0x01
	dssAck64 = 0x02
	dssMap   = 0x04
	dssDSN64 = 0x08
	dssFIN   = 0x10
)

const checksumLength = 2

// InfiniteMapping reports a mapping of length 0: from here on the connection is plain TCP (RFC 8684 section
// 3.7).
func (d *DSS) InfiniteMapping() bool { return d.HasMap && d.Length == 0 }

// ParseDSS reads the whole option b into d. The error is ErrKind, ErrSubtype or ErrLength: the length must be
// what the flags ask for, or two more for the checksum where there is a mapping.
func ParseDSS(b []byte, d *DSS) error {
	*d = DSS{}
	if err := check(b, SubtypeDSS); err != nil {
		return err
	}
	if len(b) < 4 {
		return lengthError(SubtypeDSS)
	}
	f := b[3]
	spare := len(b) - dssLength(f)
	if spare != 0 && (spare != checksumLength || f&dssMap == 0) {
		return lengthError(SubtypeDSS)
	}
	d.DataFIN = f&dssFIN != 0
	b = b[4:]
	if f&dssAck != 0 {
		d.HasAck, d.Ack64 = true, f&dssAck64 != 0
		d.DataAck, b = readSequence(b, d.Ack64)
	}
	if f&dssMap != 0 {
		d.HasMap, d.DSN64, d.HasChecksum = true, f&dssDSN64 != 0, spare != 0
		d.parseMap(b)
	}
	return nil
}

func (d *DSS) parseMap(b []byte) {
	d.DSN, b = readSequence(b, d.DSN64)
	d.SSN = binary.BigEndian.Uint32(b)
	d.Length = binary.BigEndian.Uint16(b[4:])
	if d.HasChecksum {
		d.Checksum = binary.BigEndian.Uint16(b[6:])
	}
}

// dssLength is the length that flags f ask for, without a checksum.
func dssLength(f uint8) int {
	n := 4
	if f&dssAck != 0 {
		n += sequenceLength(f&dssAck64 != 0)
	}
	if f&dssMap != 0 {
		n += sequenceLength(f&dssDSN64 != 0) + 4 + 2
	}
	return n
}

func sequenceLength(wide bool) int {
	if wide {
		return 8
	}
	return 4
}

func readSequence(b []byte, wide bool) (uint64, []byte) {
	if wide {
		return binary.BigEndian.Uint64(b), b[8:]
	}
	return uint64(binary.BigEndian.Uint32(b)), b[4:]
}

// AppendDSS appends the option d describes; fields of an absent part are not looked at. Without Ack64 or DSN64
// the low 32 bits of the number are sent.
func AppendDSS(b []byte, d *DSS) []byte {
	f := d.flags()
	n := dssLength(f)
	if d.HasMap && d.HasChecksum {
		n += checksumLength
	}
	b = append(appendHead(b, n, SubtypeDSS, 0), f)
	if d.HasAck {
		b = appendSequence(b, d.DataAck, d.Ack64)
	}
	if !d.HasMap {
		return b
	}
	b = appendSequence(b, d.DSN, d.DSN64)
	b = binary.BigEndian.AppendUint32(b, d.SSN)
	b = binary.BigEndian.AppendUint16(b, d.Length)
	if d.HasChecksum {
		b = binary.BigEndian.AppendUint16(b, d.Checksum)
	}
	return b
}

func (d *DSS) flags() uint8 {
	var f uint8
	if d.HasAck {
		f |= dssAck | bit(d.Ack64)*dssAck64
	}
	if d.HasMap {
		f |= dssMap | bit(d.DSN64)*dssDSN64
	}
	return f | bit(d.DataFIN)*dssFIN
}

func appendSequence(b []byte, v uint64, wide bool) []byte {
	if wide {
		return binary.BigEndian.AppendUint64(b, v)
	}
	return binary.BigEndian.AppendUint32(b, uint32(v))
}

// String is the option as [Option.String] shows it.
func (d *DSS) String() string { return string(d.appendText(nil)) }

func (d *DSS) appendText(b []byte) []byte {
	b = append(b, "DSS"...)
	if d.HasAck {
		b = appendNumber(b, sequenceLabel(d.Ack64, " ack=", " ack32="), d.DataAck)
	}
	if d.HasMap {
		b = appendNumber(b, sequenceLabel(d.DSN64, " dsn=", " dsn32="), d.DSN)
		b = appendNumber(b, " ssn=", uint64(d.SSN))
		b = appendNumber(b, " len=", uint64(d.Length))
		b = appendWord(b, d.InfiniteMapping(), " infinite")
	}
	if d.HasMap && d.HasChecksum {
		b = appendHex(b, " csum=", uint64(d.Checksum), 4)
	}
	return appendWord(b, d.DataFIN, " fin")
}

func sequenceLabel(wide bool, label64, label32 string) string {
	if wide {
		return label64
	}
	return label32
}
