package summary

import (
	"strconv"

	"allroads/trace"
)

// expected is an expectation and what has been found.
type expected struct {
	Expectation
	subject *Subject
	seen    uint64 // connections
	had     uint64 // of them, that have what it is about

	sum   value      // over all of them
	found [2]results // of each, as it is, and if there is doubt about the capture

	low, high float64
}

// results counts judgements, and keeps the first of each in words.
type results struct {
	n     [3]uint64
	first [3]string
}

func (e *expected) add(c *trace.Connection) {
	v := e.subject.measure(c, &e.Expectation)
	e.seen++
	e.sum.n += v.n
	e.sum.whole += v.whole
	e.sum.more = e.sum.more || v.more
	if e.sum.why == "" && v.why != "" {
		e.sum.why = v.why + inConnection(c)
	}
	if !v.has {
		return
	}
	e.had++
	if e.subject.Every {
		e.each(c, v)
	}
}

func inConnection(c *trace.Connection) string { return " in connection " + strconv.Itoa(c.ID) }

// each judges one connection.
func (e *expected) each(c *trace.Connection, v value) {
	n, text := e.amount(v)
	if v.why == "" {
		if e.low > n || e.had == 1 {
			e.low = n
		}
		e.high = max(e.high, n)
	}
	for i, doubted := range [...]bool{false, true} {
		result := e.judge(n, v.more || doubted)
		if v.why != "" || doubted && !e.subject.grows {
			result = cannotSay
		}
		t := &e.found[i]
		if t.n[result] == 0 {
			t.first[result] = text + inConnection(c)
		}
		t.n[result]++
	}
}

// amount is a value in the subject's unit, and in words.
func (e *expected) amount(v value) (float64, string) {
	if v.why != "" {
		return 0, v.why
	}
	n := v.n
	if e.subject.Unit == UnitPercent && v.whole > 0 {
		n = 100 * v.n / v.whole
	}
	text := e.subject.Unit.format(n)
	if v.more {
		text += " or more"
	}
	return n, text
}
