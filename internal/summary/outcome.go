package summary

import "fmt"

// outcome judges what has been found. The doubt, if any, is why there may be more.
func (e *expected) outcome(doubt string) Outcome {
	out := Outcome{Text: e.String()}
	result := cannotSay
	switch {
	case e.seen == 0 && !e.subject.empty:
		out.Got = because("no MPTCP connection was seen", doubt)
	case e.had == 0 && e.subject.none != "":
		out.Got = because(e.subject.none, doubt)
	case e.subject.Every:
		result, out.Got = e.every(doubt)
	default:
		result, out.Got = e.together(doubt)
	}
	out.Met, out.Unknown = result == isMet, result == cannotSay
	if out.Unknown {
		out.Got = "unknown: " + out.Got
	}
	return out
}

// every holds when it does for all connections, and does not when it fails for one.
func (e *expected) every(doubt string) (judgement, string) {
	t := &e.found[0]
	if doubt != "" {
		t = &e.found[1]
	}
	for _, result := range [...]judgement{isMissed, cannotSay} {
		if t.n[result] > 0 {
			text := t.first[result]
			if more := t.n[result] - 1; more > 0 {
				text += fmt.Sprintf(" and %d more", more)
			}
			if result == cannotSay {
				text = because(text, doubt)
			}
			return result, text
		}
	}
	text := e.subject.Unit.format(e.low)
	if e.low != e.high {
		text += " to " + e.subject.Unit.format(e.high)
	}
	return isMet, text
}

// together holds for the sum over all connections.
func (e *expected) together(doubt string) (judgement, string) {
	v := e.sum
	if v.why != "" {
		return cannotSay, because(v.why, doubt)
	}
	if e.subject.Unit == UnitPercent && v.whole == 0 {
		return cannotSay, because(noData, doubt)
	}
	v.more = v.more || doubt != ""
	n, text := e.amount(v)
	result := e.judge(n, v.more)
	if doubt != "" && !e.subject.grows {
		result = cannotSay
	}
	if result == cannotSay {
		text = because(text, doubt)
	}
	return result, text
}

func because(text, doubt string) string {
	if doubt == "" {
		return text
	}
	return text + ", and " + doubt
}
