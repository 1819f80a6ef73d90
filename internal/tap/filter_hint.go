package tap

import "strings"

// hints are for words that others have in their filters.
var hints = []struct{ words, hint string }{
	{"mptcp", "which packets belong to an MPTCP connection is not to be seen from each alone, since plain ACKs and FINs carry no option of it: use tcp, and have analyze or extract choose"},
	{"or not ! && || ( )", "conditions can only be joined by and"},
	{"src dst", "host, net and port mean either end"},
	{"ports", "did you mean port?"},
	{"hosts ip ip6 addr address", "did you mean host?"},
	{"nets network subnet prefix", "did you mean net?"},
	{"all any everything", "did you mean none?"},
	{"none", "none stands alone"},
	{"udp icmp icmp6 arp proto", "of protocols there is only tcp"},
}

// hint is what to say behind a word that is not known.
func hint(word string) string {
	lower := strings.ToLower(word)
	for _, h := range hints {
		for known := range strings.FieldsSeq(h.words) {
			if known == lower {
				return ": " + h.hint
			}
		}
	}
	for known := range strings.FieldsSeq("tcp port host net and") {
		if isNear(lower, known) {
			return ": did you mean " + known + "?"
		}
	}
	return ": there are " + filterWords
}

// hintBehind is what to say behind a word that a condition begins with, or that is
// not known, behind a condition.
func hintBehind(word string) string {
	for known := range strings.FieldsSeq("tcp port host net") {
		if known == word {
			return ": did you mean and " + word + "?"
		}
	}
	return hint(word)
}

// isNear reports whether two words differ in one letter, or two that changed
// places, or are the same.
func isNear(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	swapped := len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	return len(a) <= 1 && len(b) <= 1 || swapped
}
