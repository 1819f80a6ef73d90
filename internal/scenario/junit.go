package scenario

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"time"
)

// The elements of a JUnit report, as Jenkins' junit-10.xsd has them.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"` // seconds
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Kind    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the report as JUnit XML: a test suite for the scenario, a test case
// for each expectation and for each step but those that are expectations alone.
func (r *Report) JUnit() ([]byte, error) {
	suite := junitSuite{Name: r.Topology, Time: seconds(r.Duration)}
	for _, step := range r.Steps {
		if step.Kind != "expect" {
			suite.add(step.junit(r.Topology))
		}
	}
	for _, judgement := range r.Expectations {
		suite.add(judgement.junit(r.Topology))
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write junit report: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

func (s *Step) junit(suite string) junitCase {
	c := junitCase{Class: suite, Output: s.Output, Time: seconds(0)}
	c.Name = fmt.Sprintf("step %d: %s", s.Number, s.Text)
	if s.Name != "" {
		c.Name = fmt.Sprintf("step %d, %s: %s", s.Number, s.Name, s.Text)
	}
	if s.Begin != nil && s.End != nil {
		c.Time = seconds(*s.End - *s.Begin)
	}
	if !s.Passed {
		c.Failure = &junitFailure{Message: s.Error, Kind: "step", Text: s.Output}
	}
	return c
}

func (j *Judgement) junit(suite string) junitCase {
	c := junitCase{Class: suite, Name: "expect " + j.Text, Time: seconds(0)}
	if j.Step != 0 {
		c.Name = fmt.Sprintf("step %d: expect %s", j.Step, j.Text)
	}
	if !j.Met {
		c.Failure = &junitFailure{Message: j.reason(), Kind: "expectation", Text: j.Why}
	}
	return c
}

// reason says in one line what was found instead.
func (j *Judgement) reason() string {
	if j.Found == nil {
		return j.Why
	}
	return "found " + *j.Found
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
