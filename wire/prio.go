package wire

// MPPrio is MP_PRIO: it makes a subflow a backup path or a regular one (RFC 8684 section 3.3.8, RFC 6824 section
// 3.3.8). The three bytes of v1 speak of the subflow they arrive on; the four bytes that v0 also allows name
// another by its address.
type MPPrio struct {
	Backup       bool  `json:"backup"` // bit B
	HasAddressID bool  `json:"has_address_id,omitempty"`
	AddressID    uint8 `json:"address_id,omitempty"`
}

// ParseMPPrio reads the whole option b into p. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPPrio(b []byte, p *MPPrio) error {
	*p = MPPrio{}
	if err := check(b, SubtypeMPPrio); err != nil {
		return err
	}
	switch len(b) {
	case 3:
	case 4:
		p.HasAddressID, p.AddressID = true, b[3]
	default:
		return lengthError(SubtypeMPPrio)
	}
	p.Backup = b[2]&1 != 0
	return nil
}

// AppendMPPrio appends the option p describes.
func AppendMPPrio(b []byte, p *MPPrio) []byte {
	if p.HasAddressID {
		return append(appendHead(b, 4, SubtypeMPPrio, bit(p.Backup)), p.AddressID)
	}
	return appendHead(b, 3, SubtypeMPPrio, bit(p.Backup))
}

// String is the option as [Option.String] shows it.
func (p *MPPrio) String() string { return string(p.appendText(nil)) }

func (p *MPPrio) appendText(b []byte) []byte {
	b = append(b, "MP_PRIO"...)
	b = appendWord(b, p.Backup, " backup")
	b = appendWord(b, !p.Backup, " nobackup")
	if p.HasAddressID {
		b = appendNumber(b, " id=", uint64(p.AddressID))
	}
	return b
}
