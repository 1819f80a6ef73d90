package top

import (
	"strings"
	"testing"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// many are connections of which the first carries most.
func many(n int) func(int) []live.Connection {
	return func(int) (all []live.Connection) {
		for i := range n {
			all = append(all, fakeConnection(i+1, false, 1000*float64(n-i)))
		}
		return all
	}
}

// press types keys, and draws after each as a person would see it.
func press(m *model, keys ...fullscreen.Key) (quit bool) {
	grid := fullscreen.NewGrid(80, 24)
	for _, key := range keys {
		quit = m.press(key)
		m.draw(grid)
	}
	return quit
}

func text(keys string) (all []fullscreen.Key) {
	for _, r := range keys {
		all = append(all, fullscreen.Key(r))
	}
	return all
}

func screenOf(m *model) string {
	grid := fullscreen.NewGrid(80, 24)
	m.draw(grid)
	return grid.String()
}

func TestMove(t *testing.T) {
	m := fakeModel(1, many(100))
	press(m, fullscreen.CtrlL) // to be drawn
	page := m.shown.height - 1
	for _, step := range []struct {
		key  fullscreen.Key
		want int
	}{
		{fullscreen.Up, 0}, {fullscreen.Down, 1}, {fullscreen.Down, 2}, {fullscreen.Up, 1},
		{fullscreen.PageDown, 1 + page}, {fullscreen.PageUp, 1}, {fullscreen.PageUp, 0},
		{fullscreen.End, 99}, {fullscreen.Down, 99}, {fullscreen.PageDown, 99}, {fullscreen.Home, 0},
	} {
		if press(m, step.key); m.cursor != step.want {
			t.Fatalf("key %d: row %d, want %d", step.key, m.cursor, step.want)
		}
		if m.cursor < m.shown.first || m.cursor >= m.shown.first+m.shown.height {
			t.Errorf("row %d is not among %+v", m.cursor, m.shown)
		}
	}
}

// TestHeld: the cursor leads until it is moved; then it stays with its connection,
// and when that is gone in its row.
func TestHeld(t *testing.T) {
	m := fakeModel(1, many(10))
	press(m, fullscreen.Down, fullscreen.Down)
	third := m.chosen
	turned := many(10)(0)
	for i := range turned {
		turned[i].Sent = new(1000 * float64(i))
	}
	m.look(&live.Snapshot{At: began.Add(time.Second), Connections: turned}, nil)
	if m.cursor != 7 || m.chosen != third {
		t.Errorf("row %d, %v; it was %v", m.cursor, m.chosen, third)
	}
	m.look(&live.Snapshot{At: began.Add(2 * time.Second), Connections: append(turned[:2:2], turned[3:]...)}, nil)
	if m.cursor != 7 || m.chosen == third {
		t.Errorf("row %d, %v; it is gone", m.cursor, m.chosen)
	}
	press(m, fullscreen.Home)
	m.look(&live.Snapshot{At: began.Add(3 * time.Second), Connections: many(10)(0)}, nil)
	if m.cursor != 0 || m.chosen.cookie != 1 {
		t.Errorf("row %d, %v; it leads", m.cursor, m.chosen)
	}
	press(m, fullscreen.Enter)
	m.look(&live.Snapshot{At: began.Add(4 * time.Second), Connections: turned[:5]}, nil)
	if m.mode != detail {
		t.Errorf("mode %v while its connection lives", m.mode)
	}
	m.look(&live.Snapshot{At: began.Add(5 * time.Second)}, nil)
	if m.mode != listing || !strings.Contains(screenOf(m), "the connection is gone") {
		t.Errorf("mode %v\n%s", m.mode, screenOf(m))
	}
}

func TestQuit(t *testing.T) {
	for _, key := range []fullscreen.Key{'q', fullscreen.F10} {
		for _, before := range [][]fullscreen.Key{nil, {fullscreen.Enter}, {'?'}, {'s'}, {'e'}} {
			if m := fakeModel(1, many(3)); press(m, before...) || !press(m, key) {
				t.Errorf("key %d after %d does not quit", key, before)
			}
		}
	}
	if m := fakeModel(1, many(3)); press(m, '/', 'q') || !press(m, fullscreen.F10) {
		t.Error("q quits while it is typed, or F10 does not")
	}
}

func TestOrder(t *testing.T) {
	m := fakeModel(1, many(10))
	if m.chosen.cookie != 1 {
		t.Errorf("by rate: %v", m.chosen)
	}
	if press(m, 'I'); m.rows[0].Cookie != 10 {
		t.Errorf("by rate reversed: %d", m.rows[0].Cookie)
	}
	press(m, 'I', 's')
	for m.menuCursor > 1 {
		press(m, fullscreen.Up)
	}
	if press(m, fullscreen.Enter); m.mode != listing || columns[m.column].title != "TOKEN" || m.rows[0].Cookie != 1 {
		t.Errorf("by %s: %d", columns[m.column].title, m.rows[0].Cookie)
	}
	if press(m, '>'); columns[m.column].title != "STATE" {
		t.Errorf("beside it is %s", columns[m.column].title)
	}
	if press(m, '<', '<', '<'); columns[m.column].title != "PROCESS" {
		t.Errorf("before all is %s", columns[m.column].title)
	}
	if press(m, fullscreen.F6, fullscreen.Home, fullscreen.Escape); columns[m.column].title != "PROCESS" || m.mode != listing {
		t.Errorf("after Esc: by %s", columns[m.column].title)
	}
	for i := range columns {
		m.orderBy(i)
		if len(m.rows) != 10 {
			t.Errorf("by %s: %d rows", columns[i].title, len(m.rows))
		}
	}
}

func TestSearch(t *testing.T) {
	m := fakeModel(1, many(30))
	press(m, append([]fullscreen.Key{'/'}, text("40007")...)...)
	if m.cursor != 6 || !strings.Contains(screenOf(m), "Search: 40007") {
		t.Errorf("row %d\n%s", m.cursor, screenOf(m))
	}
	press(m, fullscreen.Enter, fullscreen.Home, 'n')
	if m.cursor != 6 {
		t.Errorf("again: row %d", m.cursor)
	}
	press(m, append([]fullscreen.Key{fullscreen.F3}, text("4001")...)...)
	first := m.cursor
	press(m, fullscreen.F3)
	if first != 9 || m.cursor != 10 {
		t.Errorf("rows %d, then %d", first, m.cursor)
	}
	press(m, fullscreen.Backspace, 'x')
	if m.cursor != 10 || !strings.Contains(screenOf(m), "no connection has 400x") {
		t.Errorf("row %d\n%s", m.cursor, screenOf(m))
	}
	if press(m, 'U'-'@'); m.prompt.text != "" {
		t.Errorf("left: %q", m.prompt.text)
	}
}

func TestFilter(t *testing.T) {
	m := fakeModel(1, many(30))
	press(m, append([]fullscreen.Key{'\\'}, text("4002")...)...)
	if len(m.rows) != 10 {
		t.Errorf("%d rows", len(m.rows))
	}
	press(m, fullscreen.Enter)
	m.look(&live.Snapshot{At: began.Add(time.Second), Connections: many(25)(0)}, nil)
	if len(m.rows) != 6 || !strings.Contains(screenOf(m), `filter "4002", 6 shown`) {
		t.Errorf("%d rows\n%s", len(m.rows), screenOf(m))
	}
	press(m, append([]fullscreen.Key{fullscreen.F4}, text("zz")...)...)
	if len(m.rows) != 0 || !strings.Contains(screenOf(m), "no connection has 4002zz") {
		t.Errorf("%d rows\n%s", len(m.rows), screenOf(m))
	}
	press(m, fullscreen.Down, fullscreen.Enter, fullscreen.Enter) // of nothing
	if press(m, fullscreen.F4, fullscreen.Escape); len(m.rows) != 25 {
		t.Errorf("%d rows after Esc", len(m.rows))
	}
}

func TestInterval(t *testing.T) {
	m := fakeModel(1, many(1))
	press(m, '+', '+')
	if m.interval != 5*time.Second {
		t.Error(m.interval)
	}
	for range 20 {
		press(m, '-')
	}
	if m.interval != leastInterval {
		t.Error(m.interval)
	}
	for range 20 {
		press(m, '+')
	}
	if m.interval != time.Minute {
		t.Error(m.interval)
	}
	for typed, want := range map[string]time.Duration{"2.5": 2500 * time.Millisecond, "0": 0, "-3": 0, "x": 0, "": 0, "1e9": 0, "7200": 0} {
		m.interval = 0
		press(m, append(append(text("d"), text(typed)...), fullscreen.Enter)...)
		if m.interval != want || (want == 0) != strings.Contains(screenOf(m), "no interval") {
			t.Errorf("%q: %v\n%s", typed, m.interval, screenOf(m))
		}
	}
}

// TestScroll: what is longer than the screen can be read to its end, and no further.
func TestScroll(t *testing.T) {
	m := fakeModel(1, many(1))
	press(m, 'h')
	first := screenOf(m)
	press(m, fullscreen.End)
	end := screenOf(m)
	if first == end || !strings.Contains(end, "comparing looks") {
		t.Errorf("the end is\n%s", end)
	}
	if press(m, fullscreen.Down, fullscreen.PageDown); screenOf(m) != end {
		t.Errorf("behind the end is\n%s", screenOf(m))
	}
	if press(m, fullscreen.PageUp, fullscreen.PageUp, fullscreen.Up); screenOf(m) != first {
		t.Errorf("the beginning is\n%s", screenOf(m))
	}
	if press(m, fullscreen.Escape); m.mode != listing {
		t.Errorf("mode %v", m.mode)
	}
}
