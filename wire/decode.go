package wire

// Decode parses the option into a new struct: one of *MPCapable, *MPJoin, *DSS, *AddAddr, *RemoveAddr, *MPPrio,
// *MPFail, *MPFastClose, *MPTCPRst, *Experimental, or *Unknown for a subtype without a name. On an error the
// value is nil. Experimental and Unknown alias the option's bytes.
func (o Option) Decode() (any, error) {
	switch o.Subtype() {
	case SubtypeMPCapable:
		return decode(o, ParseMPCapable)
	case SubtypeMPJoin:
		return decode(o, ParseMPJoin)
	case SubtypeDSS:
		return decode(o, ParseDSS)
	case SubtypeAddAddr:
		return decode(o, ParseAddAddr)
	case SubtypeRemoveAddr:
		return decode(o, ParseRemoveAddr)
	case SubtypeMPPrio:
		return decode(o, ParseMPPrio)
	case SubtypeMPFail:
		return decode(o, ParseMPFail)
	case SubtypeMPFastClose:
		return decode(o, ParseMPFastClose)
	case SubtypeMPTCPRst:
		return decode(o, ParseMPTCPRst)
	case SubtypeExperimental:
		return decode(o, ParseExperimental)
	default:
		return decode(o, ParseUnknown)
	}
}

func decode[T any](o Option, parse func([]byte, *T) error) (any, error) {
	m := new(T)
	if err := parse(o, m); err != nil {
		return nil, err
	}
	return m, nil
}
