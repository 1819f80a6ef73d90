package scenario

import (
	"testing"

	"allroads/lab"
	"allroads/trace"
)

// TestDoubt: a capture with holes says nothing, not even no.
func TestDoubt(t *testing.T) {
	for _, test := range []struct {
		spoil func(*trace.Report)
		why   string
	}{
		{func(r *trace.Report) { r.Dropped = 3 }, "the capture lost 3 packets"},
		{func(r *trace.Report) { r.Packets.Cut = 1 }, "too little was captured of 1 packets"},
		{func(r *trace.Report) { r.Packets.Evicted = 2 }, "2 unanswered SYNs were beyond what can be followed at once"},
	} {
		for _, text := range []string{"connections == 0", "subflows == 0", "paths == 0", "fallbacks == 0", "bytes == 0", "proven == no"} {
			expectation, err := lab.ParseExpectation(text)
			if err != nil {
				t.Fatal(err)
			}
			p := &player{}
			sound := trace.New([]string{"red"}).Report()
			if j := p.judge(expectation, sound, 0, 0); !j.Met || j.Found == nil {
				t.Errorf("of no packets: %+v", j)
			}
			test.spoil(sound)
			if j := p.judge(expectation, sound, 0, 0); j.Met || j.Found != nil || j.Why != "unknown: "+test.why {
				t.Errorf("%+v, want %s", j, test.why)
			}
		}
	}
}

// TestSubjects: each subject is known here.
func TestSubjects(t *testing.T) {
	p := &player{network: &lab.Lab{Topology: &lab.Topology{}}, scenario: &lab.Scenario{}}
	sends := newTransfer(p, &lab.ScenarioStep{Send: &lab.SendConfig{}}, 0)
	for _, subject := range lab.Subjects {
		var err error
		switch subject.Of {
		case "send":
			_, err = sends.find(subject.Name)
		case "", "link":
			_, _, err = seen(trace.New(nil).Report(), lab.Expectation{Subject: subject.Name})
		default:
			_, _, err = p.find(lab.Expectation{Subject: subject.Name}, trace.New(nil).Report())
		}
		if err != nil && err.Error() == unheardOf(subject.Name).Error() {
			t.Error(err)
		}
	}
}
