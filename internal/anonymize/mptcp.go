package anonymize

import (
	"encoding/binary"

	"allroads/wire"
)

// mptcp adds what stands for an MPTCP option. One that cannot be read keeps its
// length, subtype and, where its form depends on them, flags, so that it still
// cannot be read; one of no known meaning keeps its subtype.
func (r *rewriter) mptcp(option wire.Option) {
	start := len(r.out)
	if !r.mptcpKnown(option) || len(r.out)-start != len(option) {
		r.out = append(r.out[:start], hollow(option)...)
	}
}

// mptcpKnown reports whether the option could be read.
func (r *rewriter) mptcpKnown(option wire.Option) bool {
	switch option.Subtype() {
	case wire.SubtypeMPCapable:
		return r.mpCapable(option)
	case wire.SubtypeMPJoin:
		return r.mpJoin(option)
	case wire.SubtypeDSS:
		return r.dss(option)
	case wire.SubtypeAddAddr:
		return r.addAddr(option)
	case wire.SubtypeMPFail:
		return r.mpFail(option)
	case wire.SubtypeMPFastClose:
		return r.mpFastClose(option)
	}
	return r.harmless(option)
}

// harmless copies options in which nothing identifies anybody.
func (r *rewriter) harmless(option wire.Option) bool {
	switch option.Subtype() {
	case wire.SubtypeRemoveAddr:
		var m wire.RemoveAddr
		err := wire.ParseRemoveAddr(option, &m)
		r.out = wire.AppendRemoveAddr(r.out, &m)
		return err == nil
	case wire.SubtypeMPPrio:
		var m wire.MPPrio
		err := wire.ParseMPPrio(option, &m)
		r.out = wire.AppendMPPrio(r.out, &m)
		return err == nil
	case wire.SubtypeMPTCPRst:
		var m wire.MPTCPRst
		err := wire.ParseMPTCPRst(option, &m)
		r.out = wire.AppendMPTCPRst(r.out, &m)
		return err == nil
	}
	return false
}

// hollow is an option of which only length and subtype are left, and the flags of a
// DSS and the echo of an ADD_ADDR.
func hollow(option wire.Option) []byte {
	b := make([]byte, len(option))
	b[0], b[1], b[2] = wire.OptionKind, byte(len(option)), option[2]&0xf0
	switch {
	case option.Subtype() == wire.SubtypeDSS && len(b) > 3:
		b[3] = option[3] & 0x1f
	case option.Subtype() == wire.SubtypeAddAddr:
		b[2] = option[2] & 0xf1
	}
	return b
}

func (r *rewriter) mpCapable(option wire.Option) bool {
	var m wire.MPCapable
	if wire.ParseMPCapable(option, &m) != nil {
		return false
	}
	if m.HasSenderKey {
		m.SenderKey = r.table.key(m.SenderKey)
	}
	if m.HasReceiverKey {
		m.ReceiverKey = r.table.key(m.ReceiverKey)
	}
	if m.HasChecksum {
		m.Checksum = wire.Checksum(m.Version.IDSN(m.SenderKey)+1, 1, m.DataLength)
	}
	r.out = wire.AppendMPCapable(r.out, &m)
	return true
}

// mpFail moves the data sequence number like the data that it is of, which is the
// other side's; where that cannot be, the sender's own.
func (r *rewriter) mpFail(option wire.Option) bool {
	var m wire.MPFail
	if wire.ParseMPFail(option, &m) != nil {
		return false
	}
	shift := r.shift(r.sender.other())
	if own, other := r.keyOf(r.sender), r.keyOf(r.sender.other()); own != nil && (other == nil || m.DSN-own.idsn < m.DSN-other.idsn) {
		shift = own.shift
	}
	m.DSN += shift
	r.out = wire.AppendMPFail(r.out, &m)
	return true
}

func (r *rewriter) mpFastClose(option wire.Option) bool {
	var m wire.MPFastClose
	if wire.ParseMPFastClose(option, &m) != nil {
		return false
	}
	m.Key = r.table.key(m.Key)
	r.out = wire.AppendMPFastClose(r.out, &m)
	return true
}

func (r *rewriter) addAddr(option wire.Option) bool {
	var m wire.AddAddr
	if wire.ParseAddAddr(option, &m) != nil {
		return false
	}
	local, remote := r.keyOf(r.sender), r.keyOf(r.sender.other())
	to := m
	to.Addr, to.Port = r.addresses.replace(m.Addr), r.numbers.port(m.Port)
	switch {
	case !m.HasHMAC:
	case local != nil && remote != nil && m.HMAC == wire.AddAddrHMAC(local.from, remote.from, m.AddressID, m.Addr, m.Port):
		to.HMAC = wire.AddAddrHMAC(local.to, remote.to, to.AddressID, to.Addr, to.Port)
	default: // It is wrong, or nobody can tell.
		binary.BigEndian.PutUint64(to.HMAC[:], r.secret.number(forHMAC, binary.BigEndian.Uint64(m.HMAC[:]), 0))
	}
	r.out = wire.AppendAddAddr(r.out, &to)
	return true
}
