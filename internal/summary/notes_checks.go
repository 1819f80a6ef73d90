package summary

import (
	"fmt"
	"strings"

	"allroads/trace"
)

// failed tells of checks that are bad, but for those that findings tell of.
func failed(c *trace.Connection, note take) {
	checks(c, trace.Bad, func(f *trace.Subflow, check *trace.Check) {
		note(wrong, "bad "+check.Name, func() string {
			return subject(f) + check.Name + " is bad: " + check.Detail
		})
	})
}

// undetermined tells of all checks that are unknown at once, with the first reason.
// After a fallback it goes without saying, and so it does when the start is missing.
func undetermined(c *trace.Connection, note take) {
	if c.Fallback != nil || c.Inferred != trace.NotInferred {
		return
	}
	n, first := 0, ""
	checks(c, trace.Unknown, func(f *trace.Subflow, check *trace.Check) {
		if n == 0 {
			first = check.Name + " is unknown: " + check.Detail
			if f != nil {
				first = subject(f) + first
			}
		}
		n++
	})
	if n == 0 {
		return
	}
	text := first
	if n > 1 {
		text += "; " + count(n-1, "other check") + " unknown, too"
	}
	note(unsaid, "unknown", func() string { return text })
}

// checks goes through those with a status. Of a fallback, and of joins that came to
// nothing, the findings tell; plain TCP has no DATA_FIN.
func checks(c *trace.Connection, status trace.Status, found func(*trace.Subflow, *trace.Check)) {
	for i := range c.Checks {
		check := &c.Checks[i]
		follows := check.Name == "multipath" || c.Fallback != nil && strings.HasPrefix(check.Name, "data_fin_")
		if check.Status == status && !follows {
			found(nil, check)
		}
	}
	for i := range c.Subflows {
		f := &c.Subflows[i]
		if !f.Established && f.Outcome != trace.OutcomeUnknown {
			continue
		}
		for j := range f.Checks {
			if f.Checks[j].Status == status && !(f.Checks[j].Name == "reset" && turnedDown(f)) {
				found(f, &f.Checks[j])
			}
		}
	}
}

func subject(f *trace.Subflow) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("subflow %d: ", f.ID)
}
