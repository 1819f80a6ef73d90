package daemon

import (
	"fmt"
	"time"

	"allroads/internal/control"
	"allroads/internal/steering"
)

// decision is a command that was carried out.
type decision struct {
	steering.Command
	err error
}

// tell passes decisions on to those who follow the events, once all are carried out.
func (u *userPaths) tell() {
	for _, d := range u.decided {
		event := control.Event{Time: time.Now(), Namespace: u.w.place.name, Kind: "subflow", Text: d.text(), Why: d.Why}
		if d.Action != steering.Listen && d.Action != steering.Unlisten {
			event.Token = new(d.Token.String())
		}
		u.w.stream.Publish(event)
	}
	clear(u.decided)
	u.decided = u.decided[:0]
}

func (d *decision) text() (text string) {
	switch d.Action {
	case steering.Create:
		text = fmt.Sprintf("subflow asked for: %s - %s", d.Local.Addr.Unmap(), d.To)
	case steering.Destroy:
		text = fmt.Sprintf("subflow to be closed: %s - %s", d.From, d.To)
	case steering.SetPriority:
		text = fmt.Sprintf("subflow to be %s: %s - %s", map[bool]string{true: "a backup", false: "used"}[d.Backup], d.From, d.To)
	case steering.Announce:
		text = fmt.Sprintf("announced: %s id %d", side(d.Local.Addr, &d.Local.Port), d.Local.ID)
	case steering.Withdraw:
		text = fmt.Sprintf("withdrawn: id %d", d.Local.ID)
	default:
		text = fmt.Sprintf("%s at %s", d.Action, d.From)
	}
	if d.err != nil {
		text += ": " + d.err.Error()
	}
	return text
}
