package trace

import "strings"

// Check is one thing that was held against the packets.
type Check struct {
	Name   string `json:"name"` // see the documentation of the JSON
	Status Status `json:"status"`
	Detail string `json:"detail"` // what was compared, or what is wrong
}

// Status is the outcome of a check.
type Status string

// The outcomes. Unknown means that the packets do not tell.
const (
	OK      Status = "ok"
	Bad     Status = "bad"
	Unknown Status = "unknown"
)

// checkOf makes a check that is bad when something is wrong, else ok.
func checkOf(name string, wrong []string, right string) Check {
	if len(wrong) > 0 {
		return Check{name, Bad, strings.Join(wrong, "; ")}
	}
	return Check{name, OK, right}
}
