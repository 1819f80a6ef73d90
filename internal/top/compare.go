package top

import (
	"fmt"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// seen is what a subflow was like when it was last seen.
type seen struct {
	state mptcp.TCPState
	flags sockdiag.Flags
}

// change is what must have happened between two looks.
type change struct {
	style fullscreen.Style
	text  string
}

// changes are those of a connection since the look before: where events are heard only
// what they do not tell, which is that this end wants a subflow as a backup.
func (p *memory) changes(c *live.Connection, heard bool) (all []change) {
	for i := range c.Subflows {
		s := &c.Subflows[i]
		series, now, name := p.subflows[pairOf(s)], seen{s.State, s.Flags}, "subflow "+between(s.Local, s.Remote)
		switch came := series.first == series.last; {
		case came && !heard:
			all = append(all, change{fullscreen.Green, fmt.Sprintf("%s has come: %s", name, now.state)})
		case !came:
			all = append(all, series.seen.until(now, name, heard)...)
		}
		series.seen = now
	}
	for pair, series := range p.subflows {
		if series.last < p.looks-1 && !heard {
			all = append(all, change{fullscreen.Red, "subflow " + between(pair.local, pair.remote) + " has gone"})
		}
	}
	return all
}

// until are the changes of a subflow from one look to the next.
func (s seen) until(now seen, name string, heard bool) (all []change) {
	if s.state != now.state && !heard {
		all = append(all, change{fullscreen.Yellow, fmt.Sprintf("%s: %s, was %s", name, now.state, s.state)})
	}
	if (s.flags^now.flags)&sockdiag.BackupLocal != 0 {
		all = append(all, change{fullscreen.Yellow, "this end " + wants(now.flags&sockdiag.BackupLocal != 0) + ": " + name})
	}
	if (s.flags^now.flags)&sockdiag.BackupRemote != 0 && !heard {
		all = append(all, change{fullscreen.Yellow, "the peer " + wants(now.flags&sockdiag.BackupRemote != 0) + ": " + name})
	}
	return all
}

func wants(backup bool) string {
	if backup {
		return "wants it as a backup"
	}
	return "wants it as a backup no more"
}
