package wire

// appendParsed parses the option and appends its text, which means nothing on an error. Each struct is on the
// stack: that is why no function is passed around here, as decode does.
func (o Option) appendParsed(b []byte) ([]byte, error) {
	switch o.Subtype() {
	case SubtypeMPCapable:
		var v MPCapable
		err := ParseMPCapable(o, &v)
		return v.appendText(b), err
	case SubtypeMPJoin:
		var v MPJoin
		err := ParseMPJoin(o, &v)
		return v.appendText(b), err
	case SubtypeDSS:
		var v DSS
		err := ParseDSS(o, &v)
		return v.appendText(b), err
	case SubtypeAddAddr:
		var v AddAddr
		err := ParseAddAddr(o, &v)
		return v.appendText(b), err
	case SubtypeRemoveAddr:
		var v RemoveAddr
		err := ParseRemoveAddr(o, &v)
		return v.appendText(b), err
	case SubtypeMPPrio:
		var v MPPrio
		err := ParseMPPrio(o, &v)
		return v.appendText(b), err
	case SubtypeMPFail:
		var v MPFail
		err := ParseMPFail(o, &v)
		return v.appendText(b), err
	case SubtypeMPFastClose:
		var v MPFastClose
		err := ParseMPFastClose(o, &v)
		return v.appendText(b), err
	case SubtypeMPTCPRst:
		var v MPTCPRst
		err := ParseMPTCPRst(o, &v)
		return v.appendText(b), err
	case SubtypeExperimental:
		var v Experimental
		err := ParseExperimental(o, &v)
		return v.appendText(b), err
	default:
		var v Unknown
		err := ParseUnknown(o, &v)
		return v.appendText(b), err
	}
}
