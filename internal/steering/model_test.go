package steering

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// model is a host under the userspace path manager, its peers, and the paths between
// them: what package steering is told, and what its commands do. Time is virtual.
type model struct {
	fail func(format string, args ...any)
	s    *State
	now  time.Time

	locals      []Local
	connections map[pathmanager.Token]*modelConnection
	roads       map[road]*condition
	queue       []delivery
	order       int
	commands    []Command // all, in order
	inputs      int       // that steering did not cause itself
	flight      map[string]bool
	doneDelay   func() time.Duration
	eventDelay  func() time.Duration
	events      time.Time // when the last event is delivered: they stay in order
	answers     time.Time // when the last answer is
	port        uint16
	listeners   map[netip.AddrPort]bool
	quiet       bool              // nothing is sent on connections
	only        pathmanager.Token // but on this one; 0: on all
	times       int               // that others than that one were measured
	measuredAt  time.Time
	loss        bool // events are lost
	download    bool // this host only receives
	log         []string
}

type road struct{ local, remote netip.Addr }

// condition is how a path is.
type condition struct {
	hole    bool          // packets vanish
	narrow  bool          // all that are larger than those of a handshake do
	since   time.Time     // that they do
	refused syscall.Errno // the peer's answer to a SYN
	noRoute bool
	rtt     time.Duration
	sent    float64 // segments per second
	lossy   float64
}

type delivery struct {
	at    time.Time
	order int
	do    func()
}

type modelConnection struct {
	token         pathmanager.Token
	local, remote netip.AddrPort
	server, v6    bool
	flags         uint16
	subflows      []*modelSubflow
	ids           map[netip.AddrPort]uint8
	toldClosed    bool // steering knows that it is gone
	gone          bool
	early         bool // not fully established
	peer          map[netip.AddrPort]uint8
	announced     map[netip.AddrPort]uint8 // to the peer
	closing       []LiveSubflow            // closed here, and the peer has not answered
}

type modelSubflow struct {
	local, remote     netip.AddrPort
	localID, remoteID uint8
	established       bool
	backup            bool
	known             bool // steering was told that it is established
	begun             time.Time
	gone              bool
	hangs             bool      // data is sent again and again, until it gets through
	heard             time.Time // something came back
	sent, again       float64
	counted           time.Time
}

func newModel(fail func(string, ...any), c *config.Config) *model {
	m := &model{
		fail: fail, s: New(c), now: time.Unix(1_000_000, 0), connections: map[pathmanager.Token]*modelConnection{},
		roads: map[road]*condition{}, flight: map[string]bool{}, port: 20000, listeners: map[netip.AddrPort]bool{},
		doneDelay: func() time.Duration { return 0 }, eventDelay: func() time.Duration { return 0 },
	}
	return m
}

func (m *model) road(local, remote netip.Addr) *condition {
	r := road{local.Unmap(), remote.Unmap()}
	if m.roads[r] == nil {
		m.roads[r] = &condition{rtt: 20 * time.Millisecond, sent: 1000}
	}
	return m.roads[r]
}

func (m *model) note(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf("%8.3f ", m.now.Sub(time.Unix(1_000_000, 0)).Seconds())+fmt.Sprintf(format, args...))
}

// later has something done after a while.
func (m *model) later(d time.Duration, do func()) { m.at(m.now.Add(d), do) }

func (m *model) at(t time.Time, do func()) {
	m.order++
	m.queue = append(m.queue, delivery{t, m.order, do})
}

// tell gives steering an input, and carries out its commands.
func (m *model) tell(in Input) {
	switch in.(type) {
	case Done, Tick, Measured:
	default:
		m.inputs++
	}
	for _, c := range m.s.Step(m.now, in) {
		m.do(c)
	}
}

// run lets time pass.
func (m *model) run(d time.Duration) {
	end := m.now.Add(d)
	for steps := 0; ; steps++ {
		if steps > 3_000_000 {
			m.fail("no end")
			return
		}
		next, do := end, func() {}
		if len(m.queue) != 0 {
			i := m.first()
			if e := m.queue[i]; !e.at.After(next) {
				next, do = e.at, func() {
					m.queue = slices.Delete(m.queue, i, i+1)
					e.do()
				}
			}
		}
		if due, ok := m.s.Wake(); ok && due.Before(next) {
			next, do = due, func() { m.tell(Tick{}) }
		}
		if _, every := m.s.Measure(); every > 0 {
			if due := m.measuredAt.Add(every); due.Before(next) {
				next, do = due, m.measure
			}
		}
		if next.After(m.now) {
			m.now = next
		}
		if !next.Before(end) && (len(m.queue) == 0 || m.queue[m.first()].at.After(end)) {
			return
		}
		do()
	}
}

func (m *model) first() int {
	i := 0
	for j := range m.queue {
		if c := m.queue[j].at.Compare(m.queue[i].at); c < 0 || c == 0 && m.queue[j].order < m.queue[i].order {
			i = j
		}
	}
	return i
}

// event delivers one of the kernel's, in order.
func (m *model) event(c *modelConnection, e pathmanager.Event, then func()) {
	e.Token = c.token
	at := m.now.Add(m.eventDelay())
	if at.Before(m.events) {
		at = m.events
	}
	m.events = at
	if m.loss {
		return
	}
	m.at(at, func() {
		m.note("event %s %v:%v -> %v:%v", e.Type, e.Source, value(e.SourcePort), e.Destination, value(e.DestinationPort))
		if then != nil {
			then()
		}
		m.tell(Event{e})
	})
}

func between(t pathmanager.EventType, local, remote netip.AddrPort) pathmanager.Event {
	return pathmanager.Event{
		Type: t, Source: local.Addr(), Destination: remote.Addr(),
		SourcePort: new(local.Port()), DestinationPort: new(remote.Port()),
	}
}

// connect makes a connection that is fully established.
func (m *model) connect(token pathmanager.Token, local, remote string, flags uint16) *modelConnection {
	c := &modelConnection{
		token: token, local: netip.MustParseAddrPort(local), remote: netip.MustParseAddrPort(remote), flags: flags,
		server: flags&pathmanager.ServerSideFlag != 0, ids: map[netip.AddrPort]uint8{}, peer: map[netip.AddrPort]uint8{},
		announced: map[netip.AddrPort]uint8{},
	}
	c.v6 = c.local.Addr().Is6()
	m.connections[token] = c
	s := &modelSubflow{local: c.local, remote: c.remote, established: true, known: true, begun: m.now, heard: m.now, counted: m.now}
	c.subflows = append(c.subflows, s)
	created := between(pathmanager.Created, c.local, c.remote)
	created.ServerSide, created.Flags = c.server, new(flags)
	m.event(c, created, nil)
	done := created
	done.Type = pathmanager.Established
	m.event(c, done, nil)
	return c
}

// disconnect ends a connection.
func (m *model) disconnect(c *modelConnection) {
	c.gone = true
	for _, s := range c.subflows {
		s.gone = true
	}
	c.subflows = nil
	m.event(c, pathmanager.Event{Type: pathmanager.Closed}, func() { c.toldClosed = true })
}

// announce: the peer announces an address.
func (m *model) announce(c *modelConnection, addr string, id uint8) {
	a := netip.MustParseAddrPort(addr)
	c.peer[a] = id
	e := between(pathmanager.Announced, c.local, a)
	e.RemoteID = new(id)
	m.event(c, e, nil)
}

// withdraw: the peer withdraws an address, and the kernel closes the subflows to it.
func (m *model) withdraw(c *modelConnection, addr string) {
	a := netip.MustParseAddrPort(addr)
	id := c.peer[a]
	delete(c.peer, a)
	m.event(c, pathmanager.Event{Type: pathmanager.Removed, RemoteID: new(id)}, nil)
	for _, s := range slices.Clone(c.subflows) {
		if plain(s.remote) == a && s.remoteID == id {
			m.drop(c, s, 0)
		}
	}
}

// drop ends a subflow.
func (m *model) drop(c *modelConnection, s *modelSubflow, errno syscall.Errno) {
	if s.gone {
		return
	}
	s.gone = true
	c.subflows = slices.DeleteFunc(c.subflows, func(o *modelSubflow) bool { return o == s })
	e := between(pathmanager.SubflowClosed, s.local, s.remote)
	e.Error = new(uint8(errno))
	m.event(c, e, func() { s.known = false })
}

// setLocals changes the addresses of this host.
func (m *model) setLocals(locals ...Local) {
	m.locals = locals
	m.note("network %v", locals)
	m.tell(Network{locals})
}

// lives tells what sock_diag would.
func (m *model) lives() (all []Live) {
	for _, c := range m.connections {
		if !c.gone {
			all = append(all, m.live(c))
		}
	}
	slices.SortFunc(all, func(a, b Live) int { return cmp.Compare(a.Token, b.Token) })
	return all
}

func (m *model) live(c *modelConnection) Live {
	l := Live{Token: c.token, Side: config.Client, Local: c.local, Remote: c.remote, V6Socket: c.v6}
	if c.server {
		l.Side = config.Server
	}
	for addr, id := range c.ids {
		l.Addresses = append(l.Addresses, pathmanager.Endpoint{Addr: addr.Addr(), Port: addr.Port(), ID: id})
	}
	l.Subflows = slices.Clone(c.closing)
	for _, s := range c.subflows {
		l.Subflows = append(l.Subflows, m.liveSubflow(c, s))
	}
	return l
}

func (m *model) liveSubflow(c *modelConnection, s *modelSubflow) LiveSubflow {
	f := LiveSubflow{
		Local: s.local, Remote: s.remote, LocalID: s.localID, RemoteID: s.remoteID, Established: s.established, Opening: !s.established,
		Backup: s.backup,
	}
	road := m.road(s.local.Addr(), s.remote.Addr())
	f.RTT = road.rtt
	used := s.established && !m.quiet && (m.only == 0 || m.only == c.token) && (!s.backup || !slices.ContainsFunc(c.subflows, func(o *modelSubflow) bool {
		return o.established && !o.backup
	}))
	if !road.hole && !road.narrow {
		if s.hangs {
			s.hangs, s.heard = false, m.now
		}
		if used {
			dt := m.now.Sub(s.counted).Seconds()
			s.sent += dt * road.sent
			s.again += dt * road.sent * road.lossy
			s.heard = m.now
		}
	} else if m.download {
		// The peer has something outstanding, not this host.
	} else if used || road.hole && road.since.Sub(s.heard) < 50*time.Millisecond {
		f.Outstanding, s.hangs = true, true
	}
	s.counted = m.now
	f.Silent = m.now.Sub(s.heard)
	f.Sent, f.Again = uint64(s.sent), uint64(s.again)
	return f
}

// measure is what the daemon does when it is time.
func (m *model) measure() {
	tokens, _ := m.s.Measure()
	m.measuredAt = m.now
	var in Measured
	for _, token := range tokens {
		if c := m.connections[token]; c != nil && !c.gone {
			in.Connections = append(in.Connections, m.live(c))
		}
	}
	if len(in.Connections) > 1 {
		m.times++
	}
	m.tell(in)
}

// resync is what the daemon does after events were lost.
func (m *model) resync() {
	m.note("found")
	for _, c := range m.connections {
		c.toldClosed = c.toldClosed || c.gone
		for _, s := range c.subflows {
			s.known = s.established
		}
	}
	m.tell(Found{Connections: m.lives()})
}
