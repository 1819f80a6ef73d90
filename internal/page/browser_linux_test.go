package page_test

import (
	"strconv"
	"strings"
	"testing"
)

// TestBrowser looks at pages as people do. It needs Debian's package chromium.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some ten seconds")
	}
	b := openBrowser(t)
	for _, test := range []struct {
		name string
		run  func(*tab)
	}{
		{"captured", seesCapture}, {"widths", fits}, {"sort", sorts}, {"search", searches}, {"choose", chooses}, {"hover", readsOff},
		{"dark", isDark}, {"print", prints}, {"plain", needsNoScript}, {"hostile", isSafe}, {"policy", loadsNothing}, {"svg", showsGraph},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.forget()
			one := b.newTab(t)
			one.size(1280, 1400)
			test.run(one)
		})
	}
}

// forget begins to listen anew.
func (b *browser) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = nil
}

// quiet fails when the browser complained.
func (b *tab) quiet() {
	b.t.Helper()
	for _, one := range b.complaints() {
		b.t.Error(one)
	}
}

// boxes says of each line of a graph how wide and high it is.
const boxes = `Array.from(document.querySelectorAll("svg.plot path.line"), (p) => {
	const r = p.getBoundingClientRect(); return [r.width, r.height]; })`

// charts fails when lines are not drawn.
func (b *tab) charts(least int) {
	b.t.Helper()
	var sizes [][2]float64
	b.eval(boxes, &sizes)
	if len(sizes) < least {
		b.t.Errorf("%d lines in graphs, at least %d should be there", len(sizes), least)
	}
	broad := 0
	for _, s := range sizes {
		if s[0] > 50 && s[1] > 20 {
			broad++
		}
		if s[0] == 0 && s[1] == 0 {
			b.t.Errorf("a line is %v", s)
		}
	}
	if broad < 3 {
		b.t.Errorf("%d lines are broad and high: %v", broad, sizes)
	}
}

// seesCapture shows real packets.
func seesCapture(b *tab) {
	b.show(captured(b.t))
	b.quiet()
	if !strings.Contains(b.text("document.querySelector('.verdict').textContent"), "Proven.") {
		b.t.Error("no verdict")
	}
	if n := b.text("document.querySelectorAll('svg.rungs .rung').length"); n == "0" {
		b.t.Error("no arrows")
	}
	b.screenshot("captured-1280")
	b.show(reported(sample()))
	b.charts(8)
	b.quiet()
	b.screenshot("sample-1280")
	b.size(380, 800)
	b.screenshot("sample-380")
}

// fits changes the width of the window.
func fits(b *tab) {
	b.show(reported(many(5)...))
	for _, width := range []int{360, 380, 768, 1280, 1920} {
		b.size(width, 900)
		if got := b.text("document.documentElement.scrollWidth"); got != strconv.Itoa(width) {
			b.t.Errorf("at %d pixels it is %s wide", width, got)
		}
		// Labels of an axis stay apart, whatever the width.
		close := b.text(`Array.from(document.querySelectorAll("svg.plot .grid")).filter((g) => {
			const r = Array.from(g.querySelectorAll("text.middle"), (l) => l.getBoundingClientRect());
			return r.some((one, i) => i > 0 && one.width && one.left < r[i-1].right + 2);
		}).length`)
		if close != "0" {
			b.t.Errorf("at %d pixels the labels of %s axes overlap", width, close)
		}
	}
	b.quiet()
}

// needsNoScript: all can be read without JavaScript.
func needsNoScript(b *tab) {
	b.ask("Emulation.setScriptExecutionDisabled", fields{"value": true}, nil)
	b.show(reported(many(6)...))
	b.charts(30)
	if got := len(strings.Fields(b.text(visible))); got != 6 {
		b.t.Errorf("%d connections can be seen", got)
	}
	if b.yes(`document.querySelector("button, input")`) {
		b.t.Error("there are controls that do nothing")
	}
	b.quiet()
}
