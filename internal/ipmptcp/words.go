package ipmptcp

import "strings"

// words is a command line while it is read.
type words struct{ list []string }

// next takes a word; there may be none.
func (w *words) next() (string, bool) {
	if len(w.list) == 0 {
		return "", false
	}
	word := w.list[0]
	w.list = w.list[1:]
	return word, true
}

// value takes the word that belongs to the one before.
func (w *words) value() (string, error) {
	word, more := w.next()
	if !more {
		return "", incomplete()
	}
	return word, nil
}

// matches reports whether a word stands for another, as ip(8) has it: when it is
// the beginning of it.
func matches(word, full string) bool {
	return word != "" && strings.HasPrefix(full, word)
}
