package mptcp

import (
	"fmt"
	"strings"
)

// SubflowsError says that a connection did not get the subflows waited for.
type SubflowsError struct {
	Want     int       // how many were to be in state ESTABLISHED
	Subflows []Subflow // all there were when the wait ended
	Err      error     // why it ended: the context's error
}

// Error counts the subflows there were by their states: "wait for 3 established
// subflows: 2 there (1 ESTABLISHED, 1 SYN_SENT): context deadline exceeded".
func (e *SubflowsError) Error() string {
	there := "none there"
	if n := len(e.Subflows); n > 0 {
		there = fmt.Sprintf("%d there (%s)", n, countStates(e.Subflows))
	}
	return fmt.Sprintf("wait for %d established subflows: %s: %v", e.Want, there, e.Err)
}

// Unwrap returns the context's error.
func (e *SubflowsError) Unwrap() error { return e.Err }

// countStates lists the states in the order of their numbers, so that the text
// does not depend on the order of the subflows.
func countStates(subflows []Subflow) string {
	var count [256]int
	for _, s := range subflows {
		count[s.State]++
	}
	var list []string
	for state, n := range count {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, TCPState(state)))
		}
	}
	return strings.Join(list, ", ")
}
