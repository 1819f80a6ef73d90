package summary

import (
	"fmt"

	"allroads/trace"
)

// take is called with what is odd about a connection: a key by which the like is put
// together, and a text that is made if it is wanted.
type take func(rank oddity, key string, text func() string)

// notes finds what is odd about a connection.
func notes(c *trace.Connection, note take) {
	for i := range c.Conclusion.Findings {
		found := &c.Conclusion.Findings[i]
		note(oddityOf(found.Code), string(found.Code), func() string { return findingText(found) })
	}
	if c.Conclusion.Kind == trace.KindMultipath {
		fruitless(c, note)
	}
	if c.Conclusion.Kind == trace.KindUnanswered {
		note(refused, "not established", c.Conclusion.String)
	}
	if h := c.Conclusion.Handover; h != nil {
		note(event, "handover", func() string {
			return fmt.Sprintf("handover from subflow %d (%s) to %d took %s", h.Before, h.Because, h.After, took(h.Duration))
		})
	}
	unanswered(c, note)
	if c.Inferred != trace.NotInferred {
		note(event, "inferred", func() string { return inferredText(c.Inferred) })
	}
	if c.Futile > 0 {
		note(refused, "futile", func() string { return count(c.Futile, "more subflow") + " never came about" })
	}
	failed(c, note)
	undetermined(c, note)
}

// unanswered tells of paths that were dead for a time, unless a handover does.
func unanswered(c *trace.Connection, note take) {
	for i := range c.Subflows {
		f, h := &c.Subflows[i], c.Conclusion.Handover
		if h != nil && h.Before == f.ID {
			continue
		}
		if longest := max(f.ToServer.Stale.Longest, f.ToClient.Stale.Longest); longest > 0 {
			note(event, "stale", func() string {
				return fmt.Sprintf("subflow %d had no acknowledgement for %s", f.ID, took(longest))
			})
		}
	}
}

// fruitless tells of subflows that carried nothing while several others did, in the
// words in which trace does when one path only was used.
func fruitless(c *trace.Connection, note take) {
	for i := range c.Subflows {
		if f := &c.Subflows[i]; f.Total() == 0 {
			found := f.Unused()
			note(oddityOf(found.Code), string(found.Code), found.String)
		}
	}
}

func findingText(f *trace.Finding) string {
	if f.Code == trace.FoundFallback {
		return "fell back to TCP: " + f.String()
	}
	return f.String()
}

func inferredText(i trace.Inference) string {
	switch i {
	case trace.InferredOne:
		return "its start was not captured"
	case trace.InferredToken:
		return "its start was not captured; its subflows belong together by the token of their MP_JOINs"
	case trace.InferredDSN:
		return "its start was not captured; its subflows belong together as their data sequence numbers are close"
	}
	return "its start was not captured; its subflows may belong together as their 32-bit data sequence numbers are close, which is weak"
}
