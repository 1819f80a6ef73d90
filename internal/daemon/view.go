package daemon

import (
	"slices"
	"time"

	"allroads/internal/config"
	"allroads/internal/control"
	"allroads/internal/steering"
	"allroads/pathmanager"
)

func (u *userPaths) list() (all []control.Connection) {
	for c := range u.state.Connections() {
		all = append(all, u.w.viewConnection(c))
	}
	slices.SortFunc(all, byAge)
	return all
}

func (u *userPaths) story(token pathmanager.Token) (control.Story, bool) {
	s, known := u.state.Story(token)
	if !known {
		return control.Story{}, false
	}
	story := control.Story{Connection: u.w.viewConnection(s.Connection), Closed: present(s.Connection.Closed), Forgotten: s.Forgotten}
	for _, e := range s.Entries {
		story.Entries = append(story.Entries, control.Entry{Time: e.Time, What: e.What, Why: e.Why})
	}
	return story, true
}

func (u *userPaths) pending() (all []control.Pending) {
	for _, p := range u.state.Pending() {
		all = append(all, control.Pending{What: p.What, For: p.For, Token: new(p.Token.String()), Next: present(p.Next), Tries: p.Tries})
	}
	return all
}

func (u *userPaths) counts(c *control.Counts) {
	counts := u.state.Counts()
	c.Live, c.Managed, c.Subflows, c.Lost, c.Retried = counts.Live, counts.Managed, counts.Subflows, counts.Lost, counts.Retried
}

// viewConnection is a connection as the API tells it.
func (w *worker) viewConnection(c steering.Connection) control.Connection {
	view := control.Connection{
		Namespace: w.place.name, Token: c.Token.String(), Side: string(c.Side), Local: c.Local.String(), Remote: c.Remote.String(),
		Manager: c.Manager, Strategy: string(strategyOf(c)), Rule: c.Rule, Since: c.Since, Paths: []control.Path{},
	}
	for _, p := range c.Paths {
		view.Paths = append(view.Paths, viewPath(p))
	}
	return view
}

// strategyOf is what is followed: who accepted a connection makes no subflows.
func strategyOf(c steering.Connection) config.StrategyKind {
	if c.Side == config.Server {
		return config.NoPaths
	}
	return c.Strategy.Kind
}

func viewPath(p steering.Path) control.Path {
	view := control.Path{
		Local: p.Local.String(), Interface: p.Interface, Remote: p.Remote.String(), LocalID: p.LocalID, RemoteID: p.RemoteID,
		State: p.State, Backup: p.Backup, Next: present(p.Next), Tries: p.Tries,
	}
	if p.Local.Port() == 0 {
		view.Local = p.Local.Addr().String()
	}
	if p.Reason != "" {
		view.Reason = new(p.Reason)
	}
	return view
}

// present is nil for a time that is not there.
func present(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
