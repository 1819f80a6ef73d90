package top

import (
	"fmt"
	"time"

	"allroads/internal/fullscreen"
)

// prompt is a line that is being typed.
type prompt struct {
	kind promptKind
	text string
}

type promptKind int

const (
	noPrompt promptKind = iota
	searchPrompt
	filterPrompt
	intervalPrompt
)

var promptTitles = [...]string{searchPrompt: "Search: ", filterPrompt: "Filter: ", intervalPrompt: "Seconds between looks: "}

func (p *prompt) line(width int) (l line) {
	title := promptTitles[p.kind]
	room := max(0, width-columnsOf(title)-1)
	text := []rune(p.text)
	l.add(fullscreen.Bold, title)
	l.add(0, string(text[max(0, len(text)-room):]))
	l.add(fullscreen.Reverse, " ")
	return l
}

// longestPrompt is more than is ever sensible.
const longestPrompt = 200

// edit changes the line, and does at once what it says.
func (m *model) edit(key fullscreen.Key) {
	text := []rune(m.prompt.text)
	switch {
	case key == fullscreen.Escape:
		m.cancel()
		return
	case key == fullscreen.Enter:
		m.accept()
		return
	case key == fullscreen.F3 && m.prompt.kind == searchPrompt:
		m.find(m.cursor + 1)
		return
	case key == fullscreen.Backspace && len(text) > 0:
		text = text[:len(text)-1]
	case key == 'U'-'@':
		text = nil
	case key >= ' ' && key != fullscreen.Backspace && len(text) < longestPrompt:
		text = append(text, rune(key))
	default:
		return
	}
	m.prompt.text = string(text)
	m.preview()
}

// preview shows what a search finds, or a filter leaves, while it is typed.
func (m *model) preview() {
	switch m.prompt.kind {
	case searchPrompt:
		if m.search = m.prompt.text; m.search != "" {
			m.find(m.cursor)
		}
	case filterPrompt:
		m.filter = m.prompt.text
		m.arrange()
	}
}

func (m *model) accept() {
	if m.prompt.kind == intervalPrompt {
		interval, err := time.ParseDuration(m.prompt.text + "s")
		if err == nil {
			err = CheckInterval(interval)
		}
		if err != nil {
			m.notice = fmt.Sprintf("no interval: %q", m.prompt.text)
		} else {
			m.interval = interval
		}
	}
	m.prompt = prompt{}
}

func (m *model) cancel() {
	if m.prompt.kind == filterPrompt {
		m.filter = ""
		m.arrange()
	}
	m.prompt = prompt{}
}
