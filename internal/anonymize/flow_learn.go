package anonymize

import (
	"allroads/trace"
	"allroads/wire"
)

// opening is the first option of a SYN that opens a connection or joins one, nil if
// there is none.
func opening(s *trace.Segment) wire.Option {
	for option, rest, _ := wire.Next(s.Options); option != nil; option, rest, _ = wire.Next(rest) {
		switch option.Subtype() {
		case wire.SubtypeMPCapable, wire.SubtypeMPJoin:
			return option
		}
	}
	return nil
}

// opens reports whether a SYN opens a connection or joins one.
func opens(s *trace.Segment) bool {
	option := opening(s)
	var m wire.MPCapable
	var join wire.MPJoin
	return option != nil && (wire.ParseMPCapable(option, &m) == nil || wire.ParseMPJoin(option, &join) == nil && join.Form == wire.JoinSYN)
}

// hasKeys reports whether a segment behind the SYN opens a connection all the same:
// it has the server's key, or both.
func hasKeys(s *trace.Segment) bool {
	var m wire.MPCapable
	return capable(s, &m) && s.Flags&trace.ACK != 0 && m.HasSenderKey && (s.Flags&trace.SYN != 0) != m.HasReceiverKey
}

func capable(s *trace.Segment, m *wire.MPCapable) bool {
	for option, rest, _ := wire.Next(s.Options); option != nil; option, rest, _ = wire.Next(rest) {
		if option.Subtype() == wire.SubtypeMPCapable && wire.ParseMPCapable(option, m) == nil {
			return true
		}
	}
	return false
}

// opened makes the flow that a SYN opens. One without MPTCP, for which there is none,
// ends what was before it.
func (t *table) opened(s *trace.Segment) *flow {
	f := &flow{opener: s.Src, isn: s.Seq, syn: true}
	var m wire.MPCapable
	var join wire.MPJoin
	option := opening(s)
	switch {
	case !opens(s):
		return nil
	case wire.ParseMPCapable(option, &m) == nil:
		t.subflows++
		f.conn = t.connect(m.Version)
		if m.HasSenderKey {
			t.learn(f.conn, client, m.SenderKey)
		}
	case wire.ParseMPJoin(option, &join) == nil && join.Form == wire.JoinSYN:
		t.subflows++
		f.joins, f.token, f.nonces[0] = true, join.Token, join.Nonce
		t.bind(f)
	}
	return f
}

func (t *table) connect(version wire.Version) *connection {
	t.conns++
	return &connection{version: version}
}

// bind finds the connection that a flow joins. The token names the other end.
func (t *table) bind(f *flow) {
	if to, known := t.owners[f.token]; known {
		f.conn, f.openedBy = to.conn, to.side.other()
	}
}

// openedLate makes the flow of a connection whose SYN was not captured.
func (t *table) openedLate(s *trace.Segment) *flow {
	var m wire.MPCapable
	capable(s, &m)
	t.subflows++
	f := &flow{opener: s.Src, conn: t.connect(m.Version)}
	if s.Flags&trace.SYN != 0 {
		f.opener = s.Dst
	}
	return f
}

// answer learns from what follows a SYN.
func (t *table) answer(f *flow, s *trace.Segment) {
	for option, rest, _ := wire.Next(s.Options); option != nil; option, rest, _ = wire.Next(rest) {
		switch option.Subtype() {
		case wire.SubtypeMPCapable:
			t.answerCapable(f, s, option)
		case wire.SubtypeMPJoin:
			t.answerJoin(f, s, option)
		}
	}
}

func (t *table) answerCapable(f *flow, s *trace.Segment, option wire.Option) {
	var m wire.MPCapable
	if f.conn == nil || f.joins || wire.ParseMPCapable(option, &m) != nil || !m.HasSenderKey {
		return
	}
	switch fromOpener := s.Src == f.opener; {
	case !fromOpener && s.Flags&trace.SYN != 0 && !m.HasReceiverKey:
		f.conn.version = min(f.conn.version, m.Version)
		t.learn(f.conn, server, m.SenderKey)
	case fromOpener && s.Flags&trace.SYN == 0 && m.HasReceiverKey:
		t.learn(f.conn, client, m.SenderKey)
		t.learn(f.conn, server, m.ReceiverKey)
	}
}

func (t *table) answerJoin(f *flow, s *trace.Segment, option wire.Option) {
	var m wire.MPJoin
	if f.joins && !f.answered && s.Src != f.opener && s.Flags&trace.SYN != 0 &&
		wire.ParseMPJoin(option, &m) == nil && m.Form == wire.JoinSYNACK {
		f.nonces[1], f.answered = m.Nonce, true
	}
}
