package trace

import "slices"

// Clone returns a copy that shares nothing with what it is a copy of: for whoever
// keeps what Yield gives.
func (c *Connection) Clone() *Connection {
	out := *c
	out.Keys = slices.Clone(c.Keys)
	out.Checks = slices.Clone(c.Checks)
	out.Events = slices.Clone(c.Events)
	out.Verdict.Reasons = slices.Clone(c.Verdict.Reasons)
	out.Conclusion.Findings = slices.Clone(c.Conclusion.Findings)
	out.Subflows = slices.Clone(c.Subflows)
	for i := range out.Subflows {
		flow := &out.Subflows[i]
		flow.Checks = slices.Clone(flow.Checks)
		flow.ToServer.Chart = slices.Clone(flow.ToServer.Chart)
		flow.ToClient.Chart = slices.Clone(flow.ToClient.Chart)
	}
	return &out
}
