package steering

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// do carries out a command as the kernel does, and checks what always has to hold.
func (m *model) do(c Command) {
	m.commands = append(m.commands, c)
	m.note("command %+v", c)
	if c.Action == Listen || c.Action == Unlisten {
		m.listen(c)
		return
	}
	conn := m.connections[c.Token]
	if conn == nil || conn.toldClosed {
		m.fail("%s for a connection that is known to be gone", c.Action)
		return
	}
	key := m.claim(c)
	err := m.refuse(conn, c)
	if err == nil {
		switch c.Action {
		case Create:
			err = m.create(conn, c)
		case Destroy:
			err = m.destroy(conn, c)
		case SetPriority:
			err = m.prioritise(conn, c)
		case Withdraw:
			err = m.remove(conn, c)
		case Announce:
			err = conn.number(netip.AddrPortFrom(c.Local.Addr, c.Local.Port), c.Local.ID)
			if err == nil {
				conn.announced[netip.AddrPortFrom(c.Local.Addr, c.Local.Port)] = c.Local.ID
			}
		}
	}
	at := m.now.Add(m.doneDelay())
	if at.Before(m.answers) {
		at = m.answers
	}
	m.answers = at
	m.at(at, func() {
		delete(m.flight, key)
		m.note("done %s %v", c.Action, err)
		if err == nil && c.Action == Destroy {
			for _, s := range conn.subflows {
				if s.local == c.From && s.remote == c.To {
					m.fail("destroyed subflow is there")
				}
			}
		}
		m.tell(Done{c, err})
	})
}

// claim checks that no other command about the same pair is under way.
func (m *model) claim(c Command) string {
	from := c.From.Addr().Unmap()
	if c.Action == Create {
		from = c.Local.Addr
	}
	key := fmt.Sprint(c.Token, from, plain(c.To))
	if c.Action == Withdraw || c.Action == Announce {
		key = fmt.Sprint(c.Token, " id ", c.Local.ID)
	}
	if m.flight[key] {
		m.fail("two commands at once about %s", key)
	}
	m.flight[key] = true
	return key
}

func (m *model) refuse(conn *modelConnection, c Command) error {
	switch {
	case conn.gone:
		return &pathmanager.Error{Errno: syscall.EINVAL, Text: "invalid token"}
	case conn.early && c.Action == Create:
		return &pathmanager.Error{Errno: syscall.ENOTCONN}
	}
	return nil
}

// number is the kernel's list of addresses.
func (c *modelConnection) number(addr netip.AddrPort, id uint8) error {
	for a, i := range c.ids {
		if a == addr && i == id {
			return nil
		}
		if a == addr || i == id {
			return &pathmanager.Error{Errno: syscall.EINVAL, Text: "did not match address and id"}
		}
	}
	c.ids[addr] = id
	return nil
}

func (m *model) local(addr netip.Addr) *Local {
	for i := range m.locals {
		if m.locals[i].Addr == addr {
			return &m.locals[i]
		}
	}
	return nil
}

// create begins a subflow.
func (m *model) create(conn *modelConnection, c Command) error {
	l := m.local(c.Local.Addr)
	if c.Local.Addr.Is4() != c.To.Addr().Is4() || !conn.v6 && !c.To.Addr().Is4() {
		m.fail("families do not match: %v -> %v", c.Local.Addr, c.To)
	}
	if c.Local.Addr == c.To.Addr() {
		m.fail("a subflow to itself")
	}
	if err := conn.number(netip.AddrPortFrom(c.Local.Addr, 0), c.Local.ID); err != nil {
		return err
	}
	if l == nil {
		return syscall.EADDRNOTAVAIL
	}
	road := m.road(c.Local.Addr, c.To.Addr())
	if road.noRoute {
		return syscall.ENETUNREACH
	}
	m.checkCaps(conn, c, l)
	m.port++
	s := &modelSubflow{
		local: netip.AddrPortFrom(c.Local.Addr, m.port), remote: c.To, localID: c.Local.ID,
		backup: c.Local.Flags&pathmanager.Backup != 0, begun: m.now,
	}
	s.remoteID = conn.peer[c.To]
	conn.subflows = append(conn.subflows, s)
	m.syn(conn, s, time.Second)
	return nil
}

// checkCaps holds the connection against the caps, with what steering could know.
func (m *model) checkCaps(conn *modelConnection, c Command, l *Local) {
	all, from, same := 0, 0, 0
	for _, s := range conn.subflows {
		all++
		if o := m.local(s.local.Addr().Unmap()); o != nil && o.Link == l.Link {
			from++
		}
		if plain(s.local).Addr() == c.Local.Addr && plain(s.remote) == c.To {
			same++
		}
	}
	kept := m.s.connections[conn.token]
	if all > kept.bound() || l.Settings.Cap != 0 && from >= l.Settings.Cap {
		m.fail("above the caps: %d in all, %d from interface %d", all, from, l.Link)
	}
	probing := kept.intent != nil && same == 1
	if kept.strategy.Kind != config.NDiffPorts && same > 0 && !probing {
		m.fail("a second subflow between %v and %v", c.Local.Addr, c.To)
	}
}

// syn sends one, and again.
func (m *model) syn(conn *modelConnection, s *modelSubflow, again time.Duration) {
	road := m.road(s.local.Addr(), s.remote.Addr())
	switch {
	case s.gone:
	case road.hole || m.local(s.local.Addr()) == nil:
		if again > 64*time.Second {
			m.drop(conn, s, syscall.ETIMEDOUT)
			return
		}
		m.later(again, func() { m.syn(conn, s, 2*again) })
	case road.refused != 0:
		m.later(road.rtt, func() { m.drop(conn, s, road.refused) })
	default:
		m.later(road.rtt, func() { m.establish(conn, s) })
	}
}

func (m *model) establish(conn *modelConnection, s *modelSubflow) {
	if s.gone {
		return
	}
	s.established, s.heard, s.counted = true, m.now, m.now
	e := between(pathmanager.SubflowEstablished, s.local, s.remote)
	e.LocalID, e.RemoteID = new(s.localID), new(s.remoteID)
	m.event(conn, e, func() { s.known = !s.gone })
}

func (m *model) find(conn *modelConnection, c Command) *modelSubflow {
	for _, s := range conn.subflows {
		if s.local == c.From && s.remote == c.To {
			return s
		}
	}
	return nil
}

// destroy closes a subflow; the kernel forgets its address.
func (m *model) destroy(conn *modelConnection, c Command) error {
	s := m.find(conn, c)
	if s == nil {
		return &pathmanager.Error{Errno: syscall.ESRCH}
	}
	m.checkStuck(conn, s)
	m.checkBreak(conn, "destroy", func(o *modelSubflow) bool { return o == s })
	delete(conn.ids, netip.AddrPortFrom(c.From.Addr().Unmap(), 0))
	m.drop(conn, s, 0)
	conn.closing = append(conn.closing, LiveSubflow{Local: s.local, Remote: s.remote, LocalID: s.localID, RemoteID: s.remoteID})
	m.later(12*time.Second, func() { conn.closing = conn.closing[1:] })
	return nil
}

// checkStuck: what hangs in a subflow that is closed for that goes on by another one, which
// the kernel uses because it is no backup; and the path can be made again.
func (m *model) checkStuck(conn *modelConnection, s *modelSubflow) {
	kept := m.s.connections[conn.token]
	p := kept.find(s.local, s.remote)
	if kept.intent == nil || p == nil || !p.stuck() || p.gone || kept.prune || m.late(conn) {
		return
	}
	if kept.denied && plain(s.remote) == plain(conn.remote) && conn.peer[plain(s.remote)] == 0 {
		m.fail("a path that cannot be made again is given up")
	}
	if !slices.ContainsFunc(conn.subflows, func(o *modelSubflow) bool { return o != s && o.known && !o.backup }) {
		m.fail("nothing takes over from a stuck subflow")
	}
}

// checkBreak: as far as steering knows, another subflow remains.
func (m *model) checkBreak(conn *modelConnection, action string, ends func(*modelSubflow) bool) {
	ended := false
	for _, s := range conn.subflows {
		if s.known && !ends(s) {
			return
		}
		ended = ended || ends(s) && s.established
	}
	if ended && !m.late(conn) {
		m.fail("%s breaks before another is made", action)
	}
}

// late tells whether steering counts on a subflow that is gone, which it cannot know yet.
func (m *model) late(conn *modelConnection) bool {
	return slices.ContainsFunc(m.s.connections[conn.token].paths, func(p *path) bool {
		return p.state == established && m.find(conn, Command{From: p.local, To: p.remote}) == nil
	})
}

// makes tells whether a path could be made again, as far as is known.
func (m *model) makes(kept *connection, p *path) bool {
	l := m.s.localAt(p)
	return l != nil && l.Settings.Role != config.Laminar && !kept.denied && kept.has(p.remote)
}

func (m *model) prioritise(conn *modelConnection, c Command) error {
	s := m.find(conn, c)
	if s == nil {
		return &pathmanager.Error{Errno: syscall.EINVAL, Text: "subflow not found"}
	}
	kept := m.s.connections[c.Token]
	if c.Backup && kept.intent != nil && !slices.ContainsFunc(conn.subflows, func(o *modelSubflow) bool { return o != s && !o.backup }) && !m.late(conn) {
		m.fail("the last subflow that carries data becomes a backup")
	}
	if p := kept.find(s.local, s.remote); c.Backup && kept.intent != nil && p != nil && p.stuck() && m.makes(kept, p) {
		m.fail("a stuck subflow is made a backup: the kernel waits for its time-out")
	}
	s.backup = c.Backup
	return nil
}

// remove withdraws an address; the peer closes the subflows to it, if it hears of that.
func (m *model) remove(conn *modelConnection, c Command) error {
	id := c.Local.ID
	m.checkBreak(conn, "withdraw", func(s *modelSubflow) bool { return s.localID == id })
	found := false
	for a, i := range conn.ids {
		if i == id {
			delete(conn.ids, a)
			delete(conn.announced, a)
			found = true
		}
	}
	for _, s := range slices.Clone(conn.subflows) {
		if s.localID != id || !s.established {
			continue
		}
		found = found || id == 0
		if m.local(s.local.Addr().Unmap()) != nil {
			m.later(20*time.Millisecond, func() { m.drop(conn, s, 0) })
		}
	}
	if !found {
		return &pathmanager.Error{Errno: syscall.EINVAL, Text: fmt.Sprintf("address with id %d not found", id)}
	}
	return nil
}

func (m *model) listen(c Command) {
	if m.listeners[c.From] == (c.Action == Listen) {
		m.fail("%s %s twice", c.Action, c.From)
	}
	m.listeners[c.From] = c.Action == Listen
	m.later(0, func() { m.tell(Done{c, nil}) })
}
