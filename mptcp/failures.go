package mptcp

import "strings"

// failures are the errors of several attempts.
type failures []error

// joinFailures makes one error of several, in one line.
func joinFailures(list []error) error {
	if len(list) == 1 {
		return list[0]
	}
	return failures(list)
}

func (f failures) Error() string {
	texts := make([]string, len(f))
	for i, err := range f {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (f failures) Unwrap() []error { return f }
