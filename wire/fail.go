package wire

import "encoding/binary"

// MPFail is MP_FAIL: a DSS checksum did not match, the data from DSN on is not trusted (RFC 8684 section 3.7, RFC
// 6824 section 3.6).
type MPFail struct {
	DSN uint64 `json:"dsn,string"` // all 64 bits; the start of the failed mapping
}

const failLength = 12

// ParseMPFail reads the whole option b into f. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPFail(b []byte, f *MPFail) error {
	*f = MPFail{}
	if err := check(b, SubtypeMPFail); err != nil {
		return err
	}
	if len(b) != failLength {
		return lengthError(SubtypeMPFail)
	}
	f.DSN = binary.BigEndian.Uint64(b[4:])
	return nil
}

// AppendMPFail appends the option f describes.
func AppendMPFail(b []byte, f *MPFail) []byte {
	b = append(appendHead(b, failLength, SubtypeMPFail, 0), 0)
	return binary.BigEndian.AppendUint64(b, f.DSN)
}

// String is the option as [Option.String] shows it.
func (f *MPFail) String() string { return string(f.appendText(nil)) }

func (f *MPFail) appendText(b []byte) []byte { return appendNumber(b, "MP_FAIL dsn=", f.DSN) }
