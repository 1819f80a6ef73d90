package convert

import (
	"allroads/internal/tally"
	"allroads/internal/watch"
)

// Schema is the form of the report.
const Schema = "allroads.run/1"

// Report is what was caught of a program's sockets, and what was not.
type Report struct {
	Schema   string    `json:"schema"`
	Command  []string  `json:"command"`
	Strategy Strategy  `json:"strategy"`
	Others   []Refusal `json:"others"`
	Exit     *Exit     `json:"exit"` // nil: it runs

	// NoNewPrivs: set-uid programs and file capabilities had no effect.
	NoNewPrivs bool `json:"no_new_privs"`

	// Sockets is nil where nobody counted them: the program makes them itself.
	Sockets     *tally.Sockets    `json:"sockets"`
	Connections watch.Connections `json:"connections"`
}
