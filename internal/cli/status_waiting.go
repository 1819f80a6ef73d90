package cli

import (
	"cmp"
	"fmt"
	"slices"

	"allroads/internal/control"
)

// mostWaiting are told of: a status that fills the screen hides what it has to say.
const mostWaiting = 20

// waiting is something that waits, for one connection or for many alike.
type waiting struct {
	control.Pending
	connections int // 0: it is about none
}

// waitingFor tells what waits and for what: once for all connections of which the same
// address waits for the same, what concerns the most of them first.
func waitingFor(pending []control.Pending) (notes []string) {
	all := alike(pending)
	for i, w := range all {
		if i == mostWaiting {
			return append(notes, fmt.Sprintf("and %d more wait: see allroads paths", len(all)-i))
		}
		notes = append(notes, w.text())
	}
	return notes
}

func alike(pending []control.Pending) (all []waiting) {
	type kind struct {
		what, reason string
		connection   bool
	}
	at := map[kind]int{}
	for _, p := range pending {
		k := kind{p.What, p.For, p.Token != nil}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k], all = i, append(all, waiting{Pending: p})
		}
		all[i].join(p)
	}
	slices.SortStableFunc(all, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(min(a.connections, 1), min(b.connections, 1)), cmp.Compare(b.connections, a.connections),
			cmp.Compare(a.What, b.What), cmp.Compare(a.For, b.For))
	})
	return all
}

// join counts one more: it is named by the lowest token, and tried at the first time.
func (w *waiting) join(p control.Pending) {
	if p.Token != nil {
		w.connections++
		if *p.Token < *w.Token {
			w.Token = p.Token
		}
	}
	if p.Next != nil && (w.Next == nil || p.Next.Before(*w.Next)) {
		w.Next = p.Next
	}
	w.Tries = max(w.Tries, p.Tries)
}

func (w *waiting) text() string {
	text := w.What + ": waiting for " + w.For
	switch {
	case w.connections > 1:
		text = fmt.Sprintf("%d connections, as %s: %s", w.connections, *w.Token, text)
	case w.connections == 1:
		text = "connection " + *w.Token + ": " + text
	}
	if when := again(w.Next, w.Tries); when != "" {
		text += " (" + when + ")"
	}
	return text
}
