package top

import (
	"fmt"
	"strings"

	"allroads/sockdiag"
)

// The parts of a caption, with a space before each.
const (
	barWidth     = 8
	captionWidth = 1 + 6 + 1 + 7 + 1 + barWidth + 5
	wideEnough   = 70 // for a caption behind the picture
)

// caption is a subflow's state, role, and share of what the connection carries.
func (w *strand) caption() (l line) {
	style, _ := w.look()
	l.add(style, fmt.Sprintf(" %-6s %-7s ", shortState(w.subflow.State), w.role()))
	if share := w.path.Share; share != nil {
		l.add(0, bar(*share, barWidth)+fmt.Sprintf(" %3.0f%%", *share*100))
	} else {
		l.add(0, strings.Repeat("░", barWidth)+"   ?")
	}
	return l
}

// role is what there is to say of a subflow in a word, the gravest first.
func (w *strand) role() string {
	switch {
	case w.path.Stale:
		return "stale"
	case w.subflow.Backup():
		return "backup"
	case w.isInitial():
		return "initial"
	}
	return "joined"
}

func (w *strand) isInitial() bool {
	return w.subflow.Flags&(sockdiag.JoinLocal|sockdiag.JoinRemote) == 0
}
