package top

import "allroads/internal/fullscreen"

// press does what a key is for, and reports whether that is to quit.
func (m *model) press(key fullscreen.Key) (quit bool) {
	m.notice = ""
	switch {
	case m.prompt.kind != noPrompt:
		if key == fullscreen.F10 {
			return true
		}
		m.edit(key)
	case key == 'q', key == fullscreen.F10:
		return true
	case m.mode == sorting:
		m.choose(key)
	case m.mode == listing:
		m.pressListing(key)
	default:
		m.pressScrolling(key)
	}
	return false
}

// pressAnywhere does what a key does on all screens.
func (m *model) pressAnywhere(key fullscreen.Key) {
	switch key {
	case 'h', '?', fullscreen.F1:
		m.open(helping)
	case ' ':
		m.paused = !m.paused
	case '+':
		m.interval = longer(m.interval)
	case '-':
		m.interval = shorter(m.interval)
	case 'd':
		m.prompt = prompt{kind: intervalPrompt}
	case 'p':
		m.owners = !m.owners
	case 'e':
		m.open(events)
	}
}

// open shows another screen from its beginning.
func (m *model) open(what mode) { m.mode, m.scroll = what, window{} }

func (m *model) pressListing(key fullscreen.Key) {
	switch key {
	case fullscreen.Up:
		m.move(m.cursor - 1)
	case fullscreen.Down:
		m.move(m.cursor + 1)
	case fullscreen.PageUp:
		m.move(m.cursor - m.page())
	case fullscreen.PageDown:
		m.move(m.cursor + m.page())
	case fullscreen.Home:
		m.lead()
	case fullscreen.End:
		m.move(len(m.rows) - 1)
	case fullscreen.Enter, fullscreen.Right:
		if m.connection() != nil {
			m.move(m.cursor)
			m.open(detail)
		}
	case '/', fullscreen.F3:
		m.prompt = prompt{kind: searchPrompt}
	case 'n':
		if m.search != "" {
			m.find(m.cursor + 1)
		}
	case '\\', fullscreen.F4:
		m.prompt = prompt{filterPrompt, m.filter}
	default:
		m.pressOrder(key)
	}
}

// page is how far a key for pages moves.
func (m *model) page() int { return max(1, m.shown.height-1) }

func (m *model) pressOrder(key fullscreen.Key) {
	switch key {
	case 's', fullscreen.F6:
		m.open(sorting)
		m.menuCursor = m.column
	case '>', '.':
		m.orderBy((m.column + 1) % len(columns))
	case '<', ',':
		m.orderBy((m.column + len(columns) - 1) % len(columns))
	case 'I':
		m.reversed = !m.reversed
		m.arrange()
	default:
		m.pressAnywhere(key)
	}
}

func (m *model) orderBy(column int) {
	m.column = column
	m.arrange()
}

func (m *model) pressScrolling(key fullscreen.Key) {
	switch key {
	case fullscreen.Escape, fullscreen.Left, fullscreen.Backspace:
		m.mode = listing
	case fullscreen.Up:
		m.scroll.first--
	case fullscreen.Down, fullscreen.Enter:
		m.scroll.first++
	case fullscreen.PageUp:
		m.scroll.first -= max(1, m.scroll.height-1)
	case fullscreen.PageDown:
		m.scroll.first += max(1, m.scroll.height-1)
	case fullscreen.Home:
		m.scroll.first = 0
	case fullscreen.End:
		m.scroll.first = 1 << 30 // drawing knows where the end is
	default:
		m.pressAnywhere(key)
	}
}
