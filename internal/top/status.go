package top

import (
	"cmp"
	"fmt"
	"strings"

	"allroads/internal/fullscreen"
)

// title says what there is in all.
func (m *model) title(width int) (l line) {
	l.add(fullscreen.Bold, "allroads top")
	if m.snapshot == nil {
		return l
	}
	t := m.totals
	count := fmt.Sprintf("  %s, %s", plural(t.connections, "connection"), plural(t.subflows, "subflow"))
	if t.pending > 0 {
		count += fmt.Sprintf(" +%d pending", t.pending)
	}
	l.add(0, count)
	rates := fmt.Sprintf("↑ %s ↓ %s bit/s", rateText(t.sent.sum()), rateText(t.received.sum()))
	clock := m.snapshot.At.Format("  15:04:05")
	for _, right := range []string{rates + clock, rates} {
		if gap := width - l.width() - columnsOf(right); gap >= 2 {
			l.pad(l.width() + gap)
			l.add(0, right)
			break
		}
	}
	return l
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// status says what has just happened, or how the screen is set.
func (m *model) status() (l line) {
	if problem := cmp.Or(m.failure, m.notice); problem != "" {
		l.add(fullscreen.Yellow, problem)
		return l
	}
	words := []string{"every " + m.interval.String(), "by " + columns[m.column].title}
	if m.reversed {
		words[1] += " reversed"
	}
	if m.filter != "" {
		words = append(words, fmt.Sprintf("filter %q, %d shown", m.filter, len(m.rows)))
	}
	if m.paused {
		l.add(fullscreen.Yellow|fullscreen.Bold, "paused")
		l.add(0, " · ")
	}
	l.add(fullscreen.Dim, strings.Join(words, " · "))
	return l
}

// label is a key and what it does.
type label struct{ key, does string }

func (m *model) labels() []label {
	switch m.mode {
	case sorting:
		return []label{{"↑↓", "Choose"}, {"Enter", "Order"}, {"Esc", "Cancel"}}
	case listing:
		labels := []label{{"F1", "Help"}, {"F3", "Search"}, {"F4", "Filter"}, {"F6", "Order"}, {"Enter", "Paths"},
			{"e", "Events"}, {"p", "Process"}, {"Space", "Pause"}}
		return labels
	}
	return []label{{"Esc", "Back"}, {"↑↓", "Scroll"}, {"F1", "Help"}}
}

// footer shows what is being typed, or what keys do.
func (m *model) footer(width int) (l line) {
	if m.prompt.kind != noPrompt {
		return m.prompt.line(width)
	}
	quit := label{"F10", "Quit"}
	room := width - columnsOf(quit.key+quit.does)
	for _, label := range m.labels() {
		if l.width()+columnsOf(label.key+label.does)+1 > room {
			break
		}
		label.draw(&l)
		l.add(0, " ")
	}
	quit.draw(&l)
	return l
}

func (k label) draw(l *line) {
	l.add(fullscreen.Bold, k.key)
	l.add(fullscreen.Reverse, k.does)
}
