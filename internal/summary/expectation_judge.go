package summary

// holds compares what was found with what is expected, both exact.
func (e *Expectation) holds(found float64) bool {
	switch e.Op {
	case "==":
		return found == e.want
	case "!=":
		return found != e.want
	case "<":
		return found < e.want
	case "<=":
		return found <= e.want
	case ">":
		return found > e.want
	}
	return e.Op == ">=" && found >= e.want
}

// judge is for what may be more than was found. What does not hold then may hold for
// more, and the other way round, unless it cannot change any more.
func (e *Expectation) judge(found float64, more bool) judgement {
	now := e.holds(found)
	if more && now != e.holds(beyond) || more && e.Op == "==" && found <= e.want || more && e.Op == "!=" && found <= e.want {
		return cannotSay
	}
	if now {
		return isMet
	}
	return isMissed
}

// beyond is more than any value.
const beyond = 1e300

type judgement int

const (
	isMet judgement = iota
	isMissed
	cannotSay
)
