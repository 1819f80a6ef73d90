package wire

import "encoding/binary"

// MPFastClose is MP_FASTCLOSE: the whole connection is reset at once (RFC 8684 section 3.5, RFC 6824 section
// 3.5).
type MPFastClose struct {
	Key Key `json:"key"` // of the receiver, which proves that the sender knows it
}

const fastCloseLength = 12

// ParseMPFastClose reads the whole option b into f. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPFastClose(b []byte, f *MPFastClose) error {
	*f = MPFastClose{}
	if err := check(b, SubtypeMPFastClose); err != nil {
		return err
	}
	if len(b) != fastCloseLength {
		return lengthError(SubtypeMPFastClose)
	}
	f.Key = Key(binary.BigEndian.Uint64(b[4:]))
	return nil
}

// AppendMPFastClose appends the option f describes.
func AppendMPFastClose(b []byte, f *MPFastClose) []byte {
	b = append(appendHead(b, fastCloseLength, SubtypeMPFastClose, 0), 0)
	return binary.BigEndian.AppendUint64(b, uint64(f.Key))
}

// String is the option as [Option.String] shows it.
func (f *MPFastClose) String() string { return string(f.appendText(nil)) }

func (f *MPFastClose) appendText(b []byte) []byte {
	return appendHex(b, "MP_FASTCLOSE key=", uint64(f.Key), 16)
}
