package lab

import (
	"net/netip"
	"time"
)

// Scenario is what happens in a lab, and what has to come of it. Package lab
// reads and checks it; `allroads lab run` plays it.
type Scenario struct {
	Timeout time.Duration  `yaml:"timeout,omitempty" json:"timeout,omitempty"` // of all steps, 0: a minute
	Capture string         `yaml:"capture,omitempty" json:"capture,omitempty"` // the host whose packets are judged; "": the first that sends, else the first with links
	Steps   []ScenarioStep `yaml:"steps,omitempty" json:"steps,omitempty"`
	Expect  []Expectation  `yaml:"expect,omitempty" json:"expect,omitempty"` // at the end
}

// ScenarioStep is one thing that happens: one of Send, Run, Link and Expect. With
// At it begins at that time since the scenario began, whatever else goes on and
// wherever it stands in the list. Without, it begins when all steps before it in
// the list have ended, those with At included. A step that fails keeps no other
// from beginning; one that runs at the scenario's Timeout is ended.
type ScenarioStep struct {
	Name string         `yaml:"name,omitempty" json:"name,omitempty"` // for expectations
	At   *time.Duration `yaml:"at,omitempty" json:"at,omitempty"`

	Send *SendConfig `yaml:"send,omitempty" json:"send,omitempty"`

	Run  []string `yaml:"run,omitempty" json:"run,omitempty"`   // a command: the program and its arguments
	In   string   `yaml:"in,omitempty" json:"in,omitempty"`     // the host to run it in; "": the first
	Exit *int     `yaml:"exit,omitempty" json:"exit,omitempty"` // the exit code that it has to have; nil: 0, unless an expectation is about it

	Link string      `yaml:"link,omitempty" json:"link,omitempty"` // the link that changes:
	Do   string      `yaml:"do,omitempty" json:"do,omitempty"`     // down or up
	Set  *Impairment `yaml:"set,omitempty" json:"set,omitempty"`   // its impairment from now on

	Expect []Expectation `yaml:"expect,omitempty" json:"expect,omitempty"` // what the packets up to now have to show
}

// SendConfig is data sent over MPTCP from one host to another, by sockets of
// allroads itself.
type SendConfig struct {
	From    string         `yaml:"from" json:"from"`
	To      string         `yaml:"to" json:"to"`
	Address netip.AddrPort `yaml:"address" json:"address"`                 // of To, or of what stands before it
	Bytes   Bytes          `yaml:"bytes,omitempty" json:"bytes,omitempty"` // how much; 0: as much as For allows
	For     time.Duration  `yaml:"for,omitempty" json:"for,omitempty"`     // how long; 0: until Bytes are sent
	Rate    Rate           `yaml:"rate,omitempty" json:"rate,omitempty"`   // no faster than this; 0: as fast as can be
	Text    string         `yaml:"text,omitempty" json:"text,omitempty"`   // what is sent, over and over; "": random bytes
}
