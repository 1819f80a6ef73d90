package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allroads/internal/holding"
	"allroads/internal/unit"
)

func listEnabled(out *screen, units []enabledUnit) {
	rows := [][]string{{"UNIT", "STRATEGY", "PROCESSES", "MPTCP", "FELL BACK", "TCP", "STATE"}}
	closed := 0
	for _, u := range units {
		rows = append(rows, append([]string{string(u.state.Unit), orDash(u.state.Strategy)}, append(u.running.cells(), stateWords(u))...))
		if u.running != nil {
			closed += u.running.closed
		}
	}
	if len(units) > 0 {
		out.table(rows)
	} else if out.terminal() {
		fmt.Fprintln(os.Stderr, "allroads: no unit is enabled")
	}
	if closed > 0 {
		fmt.Fprintf(os.Stderr, "allroads: %s may not be looked into, and may hold more sockets: run it as root\n", plural(closed, "process"))
	}
}

// cells are how many processes and sockets there are; "?" is not known.
func (r *runningUnit) cells() []string {
	if r == nil {
		return []string{"-", "-", "-", "-"}
	}
	cells := []string{strconv.Itoa(len(r.pids))}
	for _, kind := range []holding.Kind{holding.MPTCP, holding.Fallback, holding.TCP} {
		text := strconv.Itoa(r.sockets[kind])
		switch {
		case len(r.pids) == 0:
			text = "-"
		case r.closed > 0 || r.sockets[holding.Unknown] > 0:
			text += "?"
		}
		cells = append(cells, text)
	}
	return cells
}

func stateWords(u enabledUnit) string {
	s := u.state
	var words []string
	word := func(is bool, text string) {
		if is {
			words = append(words, text)
		}
	}
	word(!u.enabled, "not enabled")
	word(s.Gone, "no unit")
	word(s.Edited, "edited")
	word(s.Stale, "stale")
	word(s.Overridden != "", "overridden by "+filepath.Base(s.Overridden))
	word(s.Missing, "no allroads")
	if len(words) == 0 {
		return "ok"
	}
	return strings.Join(words, ", ")
}

// shownEnabled is what enabled prints in JSON.
type shownEnabled struct {
	Schema string      `json:"schema"`
	Units  []shownUnit `json:"units"`
}

type shownUnit struct {
	Unit       unit.Name     `json:"unit"`
	Enabled    bool          `json:"enabled"`
	Strategy   string        `json:"strategy,omitempty"`
	DropIn     string        `json:"drop_in,omitempty"`
	Allroads   string        `json:"allroads,omitempty"`
	Gone       bool          `json:"gone"`
	Stale      bool          `json:"stale"`
	Edited     bool          `json:"edited"`
	Overridden string        `json:"overridden_by,omitempty"`
	Missing    bool          `json:"allroads_missing"`
	Running    *shownRunning `json:"running,omitempty"`
}

type shownRunning struct {
	PIDs    []int        `json:"pids"`
	Closed  int          `json:"unseen_processes"`
	Sockets shownSockets `json:"sockets"`
}

type shownSockets struct {
	MPTCP    int `json:"mptcp"`
	Fallback int `json:"fallback"`
	TCP      int `json:"tcp"`
	Unknown  int `json:"unknown"`
}

func newShownEnabled(units []enabledUnit) shownEnabled {
	shown := shownEnabled{Schema: "allroads.enabled/1", Units: []shownUnit{}}
	for _, u := range units {
		s := u.state
		shown.Units = append(shown.Units, shownUnit{s.Unit, u.enabled, s.Strategy, s.Path, s.Allroads,
			s.Gone, s.Stale, s.Edited, s.Overridden, s.Missing, u.running.shown()})
	}
	return shown
}

func (r *runningUnit) shown() *shownRunning {
	if r == nil || len(r.pids) == 0 {
		return nil
	}
	return &shownRunning{r.pids, r.closed, shownSockets{r.sockets[holding.MPTCP], r.sockets[holding.Fallback],
		r.sockets[holding.TCP], r.sockets[holding.Unknown]}}
}
