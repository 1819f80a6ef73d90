package page

import "allroads/trace"

// badge is a word in a tone (good, odd, bad, plain), with a sign that says without
// colour what the tone says.
func badge(tone, sign, word string) markup {
	var out pen
	out.put(`<span class="badge %v"><span aria-hidden="true">%v</span> %v</span>`, tone, sign, word)
	return markup(out.String())
}

// kind names what a connection came to.
func kind(c *trace.Connection) markup {
	switch c.Conclusion.Kind {
	case trace.KindMultipath:
		return badge("good", "✓", "multipath")
	case trace.KindSinglePath:
		return badge("odd", "!", "one path")
	case trace.KindNoData:
		return badge("plain", "·", "no data")
	case trace.KindFallback:
		return badge("bad", "✕", "fell back")
	case trace.KindUnanswered:
		return badge("bad", "✕", "no handshake")
	case trace.KindTCP:
		return badge("plain", "·", "plain TCP")
	}
	return badge("plain", "·", string(c.Conclusion.Kind))
}

// status names the outcome of a check.
func status(s trace.Status) markup {
	switch s {
	case trace.OK:
		return badge("good", "✓", "ok")
	case trace.Bad:
		return badge("bad", "✕", "bad")
	}
	return badge("odd", "?", string(s))
}
