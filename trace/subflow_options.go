package trace

import "allroads/wire"

func (f *subflow) options(a *Analyzer, d direction, s *Segment) {
	for i := range int(a.options.count) {
		f.option(a, d, s, a.options.mptcp(s.Options, i))
	}
	if a.options.err != nil && !s.OptionsCut {
		f.malformed(a.options.err)
	}
	f.halves[d].signs.count(a.options.count > 0, f, s)
}

// option takes one MPTCP option of a segment.
func (f *subflow) option(a *Analyzer, d direction, s *Segment, option wire.Option) {
	switch option.Subtype() {
	case wire.SubtypeMPCapable:
		f.capable(a, d, s, option)
	case wire.SubtypeMPJoin:
		f.joined(d, s, option)
	case wire.SubtypeDSS:
		f.dss(a, d, s, option)
	case wire.SubtypeAddAddr:
		f.announced(d, option)
	case wire.SubtypeMPFastClose:
		f.aborted(f.sender(d), option)
	case wire.SubtypeMPFail:
		f.failed(f.sender(d), option)
	case wire.SubtypeMPTCPRst:
		var m wire.MPTCPRst
		if !f.malformed(wire.ParseMPTCPRst(option, &m)) {
			f.reset, f.resetBy = m.Reason.String(), d
		}
	case wire.SubtypeRemoveAddr:
		f.removed(f.sender(d), option)
	case wire.SubtypeMPPrio:
		f.prioritized(f.sender(d), option)
	case wire.SubtypeExperimental: // Nothing follows from it, but it has to be readable.
		_, err := option.Decode()
		f.malformed(err)
	default:
		f.fault("an option of " + option.Subtype().String() + ", which has no meaning")
	}
}

// announced takes an ADD_ADDR, whose HMAC shows that the peer sent it (RFC 8684,
// section 3.4.1). Version 0 and echoes have none.
func (f *subflow) announced(d direction, option wire.Option) {
	var m wire.AddAddr
	if f.malformed(wire.ParseAddAddr(option, &m)) {
		return
	}
	from := f.sender(d)
	if !f.conn.versionKnown {
		f.conn.version, f.conn.versionKnown = m.Version, true
	}
	if m.Echo {
		f.note(EventEcho, from, m.String())
		return
	}
	f.note(EventAddAddr, from, m.String())
	local, remote := f.conn.keys[from], f.conn.keys[from.other()]
	switch {
	case m.Version != f.conn.version:
		f.fault("an ADD_ADDR of version " + m.Version.String())
		return
	case !m.HasHMAC:
		return
	case f.conn.inferred != "" || !local.known || !remote.known: // It cannot be checked.
		return
	}
	if want := wire.AddAddrHMAC(local.key, remote.key, m.AddressID, m.Addr, m.Port); m.HMAC != want {
		f.fault("the HMAC of an ADD_ADDR is not what the keys give")
	}
}
