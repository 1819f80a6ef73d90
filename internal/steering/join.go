package steering

import (
	"allroads/internal/config"
	"allroads/pathmanager"
)

// join asks for a subflow, if there is room for it.
func (s *State) join(c *connection, p *path, w *want) {
	if p.standby || c.busy(p) || !c.room(w) {
		return
	}
	id := c.idOf(bare(w.local.Addr), w.local.ID)
	if id == 0 && w.local.Addr != c.local.Addr().Unmap() {
		p.becomes(givenUp, s.now)
		p.reason = "no address id is left"
		return
	}
	c.know(bare(w.local.Addr), id)
	if p.again {
		s.counts.Retried++
	}
	s.counts.Subflows++
	p.local, p.remote, p.link = bare(w.local.Addr), w.remote, int32(w.local.Link)
	p.localID, p.remoteID, p.made, p.again = id, w.remoteID, true, true
	p.backup = w.backup || c.intent != nil && w.count > 1 // One that only tries the path.
	p.becomes(joining, s.now)
	p.next = s.after(c.joinBound())
	s.ask(c, p, Create, s.because(c, p))
}

// room tells whether one more subflow is within the caps. The place of the initial one is
// free when that is gone.
func (c *connection) room(w *want) bool {
	all, from := 0, 1
	for _, p := range c.paths {
		if !p.live() {
			continue
		}
		all++
		if int(p.link) == w.local.Link {
			from++
		}
	}
	return all <= c.bound() && (w.local.Settings.Cap == 0 || from <= w.local.Settings.Cap)
}

// because is why a subflow is asked for.
func (s *State) because(c *connection, p *path) string {
	if p.tries != 0 {
		return "tried again"
	}
	if c.intent != nil && c.intent.active != p.local.Addr().Unmap() && c.lapsedOn(p) {
		return "the path is tried: it was bad"
	}
	for _, o := range c.paths {
		if o != p && o.state == established && c.intent != nil && o.is(p.local.Addr().Unmap(), plain(p.remote)) {
			return "the path is tried: it is bad, or a stream on it stopped"
		}
	}
	return reasons[c.strategy.Kind]
}

var reasons = map[config.StrategyKind]string{
	"":                        "fullmesh: every local to every remote address",
	config.Fullmesh:           "fullmesh: every local to every remote address",
	config.SinglePerInterface: "single-per-interface: the interface has none",
	config.NDiffPorts:         "ndiffports: several subflows between the same addresses",
	config.BackupPath:         "backup: a standby path",
	config.Handover:           "handover: no other path is good",
	config.Interactive:        "interactive: the path with the lowest latency is looked for",
	config.Aggregate:          "aggregate: all paths at once",
}

// ask gives a command about a path.
func (s *State) ask(c *connection, p *path, a Action, why string) {
	p.pending, p.asked = a, s.now
	command := Command{Action: a, Token: c.token, To: p.remote, Why: why}
	switch a {
	case Create:
		command.To = plain(p.remote)
		command.Local = pathmanager.Endpoint{Addr: p.local.Addr().Unmap(), ID: p.localID, IfIndex: int(p.link)}
		if p.backup {
			command.Local.Flags = pathmanager.Backup
		}
		c.tell(s.now, asked, p, why)
	case Destroy:
		command.From = p.local
		c.tell(s.now, closes, p, why)
	case SetPriority:
		command.From, command.Backup = p.local, p.wantsBackup
		c.tell(s.now, map[bool]what{true: demoted, false: promoted}[p.wantsBackup], p, why)
	}
	s.command(command)
}

// prioritise makes a subflow the backup that it is to be, or no longer. The one that
// carries data comes before the others are told not to.
func (s *State) prioritise(c *connection, p *path) {
	if p.backup == p.wantsBackup || p.local.Port() == 0 || c.busy(p) {
		return
	}
	if p.wantsBackup && c.intent != nil && !c.carries(p) {
		return
	}
	why := "the role of its address"
	if c.intent != nil {
		why = c.intent.why
	}
	s.ask(c, p, SetPriority, why)
}

// retire closes a subflow of a candidate: it is not needed, or stuck, and its place is
// needed to try the path again.
func (s *State) retire(c *connection, p *path) {
	p.reason = "it is not needed any more"
	if p.stuck() {
		p.reason = "what hangs in it goes on by another path: " + p.health.why
	} else if p.bad() {
		p.reason = "its place is needed to try the path again"
	}
	s.ask(c, p, Destroy, p.reason)
}

// carries tells whether a subflow beside one is good, and no backup.
func (c *connection) carries(p *path) bool {
	for _, o := range c.paths {
		if o != p && o.good() && !o.backup && o.pending != SetPriority {
			return true
		}
	}
	return false
}
