package page

import (
	"fmt"

	"allroads/trace"
)

var subflowColumns = []column{
	{"No.", true}, {"Path", false}, {"Client", false}, {"Server", false}, {"Address ids", false}, {"Opened by", false}, {"Handshake", false},
	{"Took", true}, {"Verified", false}, {"Backup", false}, {"Opened", true}, {"Ended", false}, {"Silence", true},
}

// subflows say who they are between and what became of them.
func subflows(out *pen, c *trace.Connection) {
	openTable(out, "sortable", "Subflows", subflowColumns)
	classes := styles(c)
	for i := range c.Subflows {
		s := &c.Subflows[i]
		rowOf(out, s, classes[i])
		out.cell(orUnknown(s.Path))
		out.cell(s.Client.String())
		out.cell(s.Server.String())
		out.cell(fmt.Sprintf("%d, %d", s.ClientID, s.ServerID))
		out.cell(s.OpenedBy)
		out.cell(outcome(s))
		out.duration(int64(s.Establishment))
		out.cell(verified(s.Verified))
		out.cell(backup(s))
		out.number(float64(s.Opened-c.Opened), "+"+duration(max(s.Opened-c.Opened, 0)))
		out.put(`<td class="wrap">%v</td>`, ending(c, s))
		out.duration(s.Idle.Duration)
		out.raw("</tr>\n")
	}
	closeTable(out)
}

// rowOf begins a row with a subflow's number and colour.
func rowOf(out *pen, s *trace.Subflow, class string) {
	out.put(`<tr><th scope="row" class="n" data-v="%d"><svg class="graph" width="16" height="10" aria-hidden="true"><g class="%v"><path class="line" d="M0 5h16"/></g></svg> %[1]d</th>`, s.ID, class)
}

func orUnknown(s string) string {
	if s == "" {
		return unknown
	}
	return s
}

func outcome(s *trace.Subflow) string {
	words := became(s.Outcome)
	if s.SYNs > 1 {
		words += fmt.Sprintf(", %d SYNs", s.SYNs)
	}
	return words
}

// became is an outcome in words.
func became(o trace.Outcome) string {
	switch o {
	case trace.OutcomeNoAnswer:
		return "no answer"
	case trace.OutcomePlain:
		return "answer without MPTCP"
	case trace.OutcomeNoACK:
		return "never confirmed"
	case trace.OutcomeUnknown:
		return "not captured"
	case trace.OutcomeTCP:
		return "plain TCP"
	}
	return string(o)
}

func verified(v *bool) string {
	switch {
	case v == nil:
		return unknown
	case *v:
		return "yes"
	}
	return "no"
}

// backup says whose wish it is to use a subflow as a backup only.
func backup(s *trace.Subflow) string {
	switch {
	case s.ClientBackup && s.ServerBackup:
		return "both"
	case s.ClientBackup:
		return "client"
	case s.ServerBackup:
		return "server"
	}
	return "no"
}

func ending(c *trace.Connection, s *trace.Subflow) string {
	words := string(s.Ended)
	switch s.Ended {
	case "":
		return "open"
	case trace.EndFIN:
		words = "closed"
	case trace.EndReset:
		words = "reset by the " + s.ResetBy
	}
	if s.EndedAt != 0 {
		words += " +" + duration(max(s.EndedAt-c.Opened, 0))
	}
	if s.Reset != "" {
		words += ": " + s.Reset
	}
	return words
}
