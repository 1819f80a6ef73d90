package trace

import (
	"fmt"
	"strings"
)

// Conclusion says in short what a connection came to. It claims nothing that the
// packets do not show.
type Conclusion struct {
	Kind     Kind        `json:"kind"`
	Paths    int         `json:"paths"` // subflows that carried new data of the stream
	Text     string      `json:"text"`  // Kind and findings in words; "" with Options.Brief
	Findings []Finding   `json:"findings"`
	Handover *Handover   `json:"handover"`  // null: none was seen
	ToServer Aggregation `json:"to_server"` // what several paths gained
	ToClient Aggregation `json:"to_client"`
}

// Kind is what a connection was in the end.
type Kind string

// The kinds.
const (
	KindMultipath  Kind = "multipath"       // several subflows carried new data
	KindSinglePath Kind = "single_path"     // one did
	KindNoData     Kind = "no_data"         // none did
	KindFallback   Kind = "fallback"        // it went on as plain TCP
	KindUnanswered Kind = "not_established" // its handshake was not completed
	KindTCP        Kind = "tcp"             // MPTCP was not asked for
)

// Finding is a reason, or something odd.
type Finding struct {
	Code    Code   `json:"code"`
	Subflow int    `json:"subflow,omitempty"` // that it is about
	By      string `json:"by,omitempty"`      // client or server: whose doing it is
	Packet  uint64 `json:"packet,omitempty"`  // number of the one that shows it, from 1
	Detail  string `json:"detail,omitempty"`  // a reason that was given
	Text    string `json:"text"`              // all that in words; "" with Options.Brief
}

// Aggregation compares what a direction of the connection reached with the best of
// its subflows alone.
type Aggregation struct {
	Goodput Rate `json:"goodput"`
	Best    Rate `json:"best"`    // the highest goodput of a subflow, while it was in use
	Subflow int  `json:"subflow"` // its number, 0: none is known
}

// kindWords begin the conclusion.
var kindWords = map[Kind]string{
	KindNoData:     "MPTCP, but no data of it was seen",
	KindUnanswered: "MPTCP was asked for, but the handshake was not completed",
	KindTCP:        "plain TCP",
}

// String is the conclusion in words.
func (c *Conclusion) String() string {
	var b strings.Builder
	switch c.Kind {
	case KindMultipath:
		fmt.Fprintf(&b, "MPTCP used on %d paths", c.Paths)
	case KindSinglePath:
		b.WriteString("MPTCP, one path only carried data")
	case KindFallback:
		b.WriteString("fell back to TCP")
	default:
		b.WriteString(kindWords[c.Kind])
	}
	for i := range c.Findings {
		b.WriteString("; ")
		b.WriteString(c.Findings[i].String())
	}
	if c.Handover != nil {
		b.WriteString("; ")
		b.WriteString(c.Handover.String())
	}
	return b.String()
}

// conclude fills in the conclusion, from the rest of the report and what is not in
// it.
func (c *connection) conclude(out *Connection) {
	end := &out.Conclusion
	for i := range out.Subflows {
		if out.Subflows[i].Total() > 0 {
			end.Paths++
		}
	}
	end.Kind = c.kind(out)
	switch end.Kind {
	case KindFallback:
		end.find(Finding{Code: FoundFallback, By: out.Fallback.By, Packet: out.Fallback.Packet, Detail: string(out.Fallback.Cause)})
	case KindSinglePath:
		c.unused(out)
	}
	if !c.plain {
		c.middleboxes(out)
		end.Handover = out.handover(c)
	}
	end.ToServer = out.aggregation(client)
	end.ToClient = out.aggregation(server)
	if c.brief {
		return
	}
	for i := range end.Findings {
		end.Findings[i].Text = end.Findings[i].String()
	}
	end.Text = end.String()
}

func (c *connection) kind(out *Connection) Kind {
	switch {
	case c.plain:
		return KindTCP
	case out.Fallback != nil:
		return KindFallback
	case out.Conclusion.Paths > 1:
		return KindMultipath
	case out.Conclusion.Paths == 1:
		return KindSinglePath
	case c.inferred == "" && !out.Subflows[0].Established:
		return KindUnanswered
	}
	return KindNoData
}

// maxFindings is how many are told of a connection, the first ones.
const maxFindings = 32

func (c *Conclusion) find(one Finding) {
	if len(c.Findings) < maxFindings {
		c.Findings = append(c.Findings, one)
	}
}

func (c *Connection) aggregation(from side) (sum Aggregation) {
	sum.Goodput = c.ToServer.Goodput
	if from == server {
		sum.Goodput = c.ToClient.Goodput
	}
	for i := range c.Subflows {
		of := &c.Subflows[i].ToServer
		if from == server {
			of = &c.Subflows[i].ToClient
		}
		if of.Goodput > sum.Best {
			sum.Best, sum.Subflow = of.Goodput, c.Subflows[i].ID
		}
	}
	return sum
}
