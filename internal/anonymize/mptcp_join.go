package anonymize

import "allroads/wire"

// mpJoin replaces token and nonce. An HMAC that is right is computed anew from the
// new keys and nonces; any other one is replaced by a wrong one.
func (r *rewriter) mpJoin(option wire.Option) bool {
	var m wire.MPJoin
	if wire.ParseMPJoin(option, &m) != nil {
		return false
	}
	to := m
	switch m.Form {
	case wire.JoinSYN:
		to.Token, to.Nonce = r.table.token(m.Token), r.table.nonce(m.Nonce)
	case wire.JoinSYNACK:
		to.Nonce = r.table.nonce(m.Nonce)
		r.joinHMAC(&m, &to, func(f *flow) (local, remote uint32) { return m.Nonce, f.nonces[0] })
	case wire.JoinACK:
		r.joinHMAC(&m, &to, func(f *flow) (local, remote uint32) { return f.nonces[0], f.nonces[1] })
	}
	r.out = wire.AppendMPJoin(r.out, &to)
	return true
}

func (r *rewriter) joinHMAC(m, to *wire.MPJoin, nonces func(*flow) (local, remote uint32)) {
	size := m.HMACLen()
	local, remote := r.keyOf(r.sender), r.keyOf(r.sender.other())
	if f := r.flow; f != nil && f.joins && local != nil && remote != nil {
		mine, theirs := nonces(f)
		right := f.conn.version.JoinHMAC(local.from, remote.from, mine, theirs)
		if [20]byte(m.HMAC) == cut(right, size) {
			to.HMAC = cut(f.conn.version.JoinHMAC(local.to, remote.to, r.table.nonce(mine), r.table.nonce(theirs)), size)
			return
		}
	}
	other := r.secret.digest(forHMAC, m.HMAC[:size])
	to.HMAC = cut([20]byte(other[:20]), size)
}

// cut is the part of an HMAC that an option carries.
func cut(hmac [20]byte, size int) [20]byte {
	clear(hmac[size:])
	return hmac
}
