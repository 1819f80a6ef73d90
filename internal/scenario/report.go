package scenario

import (
	"net/netip"
	"time"

	"allroads/trace"
)

// Schema names the form of Report; a change that would break a reader changes
// its number.
const Schema = "allroads.scenario/1"

// Report is what came of a scenario. It is documented JSON. Times count from the
// beginning of the scenario, in nanoseconds.
type Report struct {
	Schema       string        `json:"schema"`
	Topology     string        `json:"topology"` // its name
	Passed       bool          `json:"passed"`
	Duration     time.Duration `json:"duration"`
	Capture      string        `json:"capture"` // the host whose packets were judged
	Steps        []Step        `json:"steps"`
	Sends        []Send        `json:"sends"`
	Expectations []Judgement   `json:"expectations"` // in the order in which they were judged
	Report       *trace.Report `json:"report"`
}

// Step is what came of a step.
type Step struct {
	Number int            `json:"number"` // from 1
	Name   string         `json:"name,omitempty"`
	Kind   string         `json:"kind"`            // send, run, link or expect
	Text   string         `json:"text"`            // what it does
	Begin  *time.Duration `json:"begin,omitempty"` // nil: it never did
	End    *time.Duration `json:"end,omitempty"`   // nil: it has not
	Passed bool           `json:"passed"`
	Error  string         `json:"error,omitempty"`  // why it has not passed
	Exit   *int           `json:"exit,omitempty"`   // of run; nil: it has not ended by itself
	Output string         `json:"output,omitempty"` // of run: the last 16 KiB
}

// Send is what came of the data that a step has sent. What is not known is nil.
type Send struct {
	Step      int            `json:"step"` // its number
	Name      string         `json:"name,omitempty"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Address   netip.AddrPort `json:"address"`
	Sent      uint64         `json:"sent"`      // bytes that the kernel took
	Delivered uint64         `json:"delivered"` // bytes
	Intact    bool           `json:"intact"`    // what arrived is what was sent, all of it
	MPTCP     *bool          `json:"mptcp"`     // the kernels' word at the end, of both ends
	Gap       *time.Duration `json:"gap"`       // the longest time in which nothing arrived
	Error     string         `json:"error,omitempty"`
}

// Judgement is what came of an expectation.
type Judgement struct {
	Text  string        `json:"text"`
	Step  int           `json:"step,omitempty"` // the number of the step that it is in, 0: the end
	At    time.Duration `json:"at"`             // when it was judged
	Met   bool          `json:"met"`
	Found *string       `json:"found"`         // the value, nil: unknown
	Why   string        `json:"why,omitempty"` // it is not met, where the value does not say
}

// report puts together what is known in the end.
func (p *player) report(host string, packets *trace.Report) *Report {
	r := &Report{
		Schema: Schema, Topology: p.network.Topology.Name, Passed: true, Duration: p.now(), Capture: host,
		Steps: []Step{}, Sends: []Send{}, Expectations: append([]Judgement{}, p.judged...), Report: packets,
	}
	for i, s := range p.steps {
		result := s.report()
		r.Steps = append(r.Steps, result)
		r.Passed = r.Passed && result.Passed
		if send, ok := s.action.(*transfer); ok {
			r.Sends = append(r.Sends, send.report(i+1))
		}
	}
	for _, judgement := range r.Expectations {
		r.Passed = r.Passed && judgement.Met
	}
	return r
}

func (t *transfer) report(number int) Send {
	s := Send{
		Step: number, Name: t.step.Name, From: t.config.From, To: t.config.To, Address: t.config.Address,
		Sent: t.sent.count(), Delivered: t.received.count(), Intact: t.intact(), MPTCP: t.mptcp,
	}
	if gap, known := t.received.longestGap(); known {
		s.Gap = &gap
	}
	if t.err != nil {
		s.Error = t.err.Error()
	}
	return s
}

func (t *transfer) complete(*Step) {}
