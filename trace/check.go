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

// judged makes a check that is bad when something is wrong whatever is missing; else
// unknown when something was not seen, which may not have been captured; else ok.
func judged(name string, wrong, missing []string, right string) Check {
	if len(wrong) == 0 && len(missing) > 0 {
		return Check{name, Unknown, strings.Join(missing, "; ")}
	}
	return checkOf(name, append(wrong, missing...), right)
}
