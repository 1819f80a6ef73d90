package wire

// RemoveAddr is REMOVE_ADDR: addresses that are gone, by their identifiers (RFC 8684 section 3.4.2, RFC 6824
// section 3.4.2). Only 37 fit in the 40 bytes a TCP header has for options.
type RemoveAddr struct {
	Count uint8     `json:"-"` // 1 to 37
	IDs   [37]uint8 `json:"-"` // the first Count are used, the others are zero
}

const removeAddrBase = 3

// List is the identifiers in the order of the option. It aliases r and is cut to the 37 there can be.
func (r *RemoveAddr) List() []uint8 { return r.IDs[:min(int(r.Count), len(r.IDs))] }

// ParseRemoveAddr reads the whole option b into r. The error is ErrKind, ErrSubtype or ErrLength, which also
// stands for no identifier and for more than 37.
func ParseRemoveAddr(b []byte, r *RemoveAddr) error {
	*r = RemoveAddr{}
	if err := check(b, SubtypeRemoveAddr); err != nil {
		return err
	}
	n := len(b) - removeAddrBase
	if n < 1 || n > len(r.IDs) {
		return lengthError(SubtypeRemoveAddr)
	}
	r.Count = uint8(n)
	copy(r.IDs[:], b[removeAddrBase:])
	return nil
}

// AppendRemoveAddr appends the option r describes; a Count of 0 or above 37 appends nothing.
func AppendRemoveAddr(b []byte, r *RemoveAddr) []byte {
	if r.Count == 0 || int(r.Count) > len(r.IDs) {
		return b
	}
	b = appendHead(b, removeAddrBase+int(r.Count), SubtypeRemoveAddr, 0)
	return append(b, r.List()...)
}

// String is the option as [Option.String] shows it.
func (r *RemoveAddr) String() string { return string(r.appendText(nil)) }

func (r *RemoveAddr) appendText(b []byte) []byte {
	b = append(b, "REMOVE_ADDR"...)
	label := " ids="
	for _, id := range r.List() {
		b = appendNumber(b, label, uint64(id))
		label = ","
	}
	return b
}
