package page_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
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

func (b *browser) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = nil
}

func (b *tab) quiet() {
	b.t.Helper()
	for _, one := range b.complaints() {
		b.t.Error(one)
	}
}

// boxes says of each line of a graph how wide and high it is.
const boxes = `Array.from(document.querySelectorAll("svg.plot path.line"), (p) => {
	const r = p.getBoundingClientRect(); return [r.width, r.height]; })`

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

const firstCells = `Array.from(document.querySelectorAll("#connections tbody tr")).filter((r) => !r.hidden).map((r) => r.cells[0].textContent).join(" ")`

func sorts(b *tab) {
	list := many(5)
	for i, n := range []uint64{900, 5_000_000, 20_000, 0, 700_000} {
		list[i].ToServer.Bytes = n
	}
	b.show(reported(list...))
	click := func(column string) string {
		b.eval(fmt.Sprintf(`Array.from(document.querySelectorAll("#connections thead button")).find((b) => b.textContent === %q).click()`, column), nil)
		return b.text(firstCells)
	}
	for _, test := range []struct{ column, want, sort string }{
		{"To server", "2 5 3 1 4", "descending"}, {"To server", "4 1 3 5 2", "ascending"}, {"Client", "1 2 3 4 5", "ascending"},
		{"Client", "5 4 3 2 1", "descending"}, {"No.", "5 4 3 2 1", "descending"}, {"No.", "1 2 3 4 5", "ascending"},
	} {
		if got := click(test.column); got != test.want {
			b.t.Errorf("%s %s: %s, want %s", test.column, test.sort, got, test.want)
		}
		if got := b.text(`Array.from(document.querySelectorAll("#connections [aria-sort]"), (h) => h.textContent + " " + h.getAttribute("aria-sort"))`); got != test.column+" "+test.sort {
			b.t.Errorf("the heading says %q", got)
		}
	}
	b.quiet()
}

func searches(b *tab) {
	b.show(reported(many(30)...))
	search := func(text string) string {
		b.eval(fmt.Sprintf(`{ const i = document.querySelector("input[type=search]"); i.value = %q; i.dispatchEvent(new Event("input")) }`, text), nil)
		return b.text(firstCells)
	}
	for text, want := range map[string]string{"10.1.0.2:10007": "8", "0000001C": "29", "multipath 0000000a": "11", "no such": ""} {
		if got := search(text); got != want {
			b.t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
	if got := b.text(`document.querySelector(".tools output").textContent`); got != "0 of 30" && got != "1 of 30" {
		b.t.Errorf("it counts %q", got)
	}
	if got := strings.Fields(search("")); len(got) != 30 {
		b.t.Errorf("%d rows without a search", len(got))
	}
	b.quiet()
	b.screenshot("many-1280")
}

const visible = `Array.from(document.querySelectorAll("section.connection")).filter((s) => s.offsetHeight > 0).map((s) => s.id).join(" ")`

func chooses(b *tab) {
	b.show(reported(many(6)...))
	if got := b.text(visible); got != "connection-1" {
		b.t.Errorf("at first: %s", got)
	}
	b.eval(`document.querySelector('a[href="#connection-4"]').closest("tr").cells[3].click()`, nil)
	b.until("connection 4", func() bool { return b.text(visible) == "connection-4" })
	if got := b.text(`document.querySelector("tr.chosen").cells[0].textContent`); got != "4" {
		b.t.Errorf("row %s is marked", got)
	}
	press := func(name, want string) {
		b.t.Helper()
		b.eval(fmt.Sprintf(`Array.from(document.querySelectorAll(".steps button")).find((b) => b.textContent.includes(%q)).click()`, name), nil)
		b.until(name+" to show "+want, func() bool { return b.text(visible) == want })
	}
	press("Next", "connection-5")
	press("Previous", "connection-4")
	press("all", "connection-1 connection-2 connection-3 connection-4 connection-5 connection-6")
	b.quiet()
}

// readsOff moves the pointer over a graph, and the arrow keys.
func readsOff(b *tab) {
	b.show(reported(sample()))
	var at [4]float64
	b.eval(`(() => { const p = document.querySelector("figure.rate svg.plot"); p.scrollIntoView(); const r = p.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`, &at)
	move := func(share float64) string {
		b.ask("Input.dispatchMouseEvent", fields{"type": "mouseMoved", "x": at[0] + share*at[2], "y": at[1] + at[3]/2}, nil)
		return b.text(`document.querySelector("figure.rate .readout").textContent`)
	}
	if got, want := move(0.2), "200 ms\ntotal: 16 Mbit/s\n1 wifi: 16 Mbit/s\n2 lte: 0 bit/s"; !same(got, want) {
		b.t.Errorf("%q, want %q", got, want)
	}
	if got, want := move(0.8), "800 ms\ntotal: 41.1 Mbit/s\n1 wifi: 0 bit/s\n2 lte: 41.1 Mbit/s"; !same(got, want) {
		b.t.Errorf("%q, want %q", got, want)
	}
	b.screenshot("hover-1280")
	b.ask("Input.dispatchMouseEvent", fields{"type": "mouseMoved", "x": 1, "y": 1}, nil)
	if got := b.text(`document.querySelector("figure.rate .readout").textContent`); got != "" {
		b.t.Errorf("it stays: %q", got)
	}
	b.eval(`document.querySelector("figure.rtt svg.plot").focus()`, nil)
	for _, key := range []string{"Home", "ArrowRight"} {
		b.ask("Input.dispatchKeyEvent", fields{"type": "keyDown", "key": key}, nil)
	}
	if got := b.text(`document.querySelector("figure.rtt .readout").textContent`); !same(got, "10 ms\n1 wifi: –\n2 lte: –") {
		b.t.Errorf("by keys: %q", got)
	}
	b.quiet()
}

// number is one with what may differ by a pixel.
var number = regexp.MustCompile(`^([0-9.]+) (\S+)$`)

// same compares what was read off with what it should be, but for two per cent.
func same(got, want string) bool {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		a, b := strings.LastIndex(g[i], ": ")+1, strings.LastIndex(w[i], ": ")+1
		x, y := number.FindStringSubmatch(strings.TrimSpace(g[i][a:])), number.FindStringSubmatch(strings.TrimSpace(w[i][b:]))
		if x == nil || y == nil {
			if g[i] != w[i] {
				return false
			}
			continue
		}
		m, _ := strconv.ParseFloat(x[1], 64)
		n, _ := strconv.ParseFloat(y[1], 64)
		if g[i][:a] != w[i][:b] || x[2] != y[2] || m < 0.98*n || m > 1.02*n {
			return false
		}
	}
	return true
}

func isDark(b *tab) {
	b.show(reported(sample()))
	colours := `getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector("svg.plot .k0 .line")).stroke`
	b.media("", "light")
	light, lightPicture := b.text(colours), b.screenshot("light")
	b.contrast("light")
	b.media("", "dark")
	dark, darkPicture := b.text(colours), b.screenshot("dark")
	b.contrast("dark")
	if light == dark || bytes.Equal(lightPicture, darkPicture) {
		b.t.Errorf("light and dark are the same: %s", light)
	}
	b.size(380, 800)
	b.screenshot("dark-380")
	// Paper is white.
	b.media("print", "dark")
	if got := b.text(`getComputedStyle(document.querySelector("svg.plot .k0 .line")).stroke`); !strings.Contains(light, got) {
		b.t.Errorf("on paper a line is %s, on a light screen %s", got, light)
	}
	b.quiet()
}

// contrast holds texts to what WCAG 2.2, 1.4.3 asks for: 4.5 to 1.
func (b *tab) contrast(scheme string) {
	b.t.Helper()
	for _, low := range strings.Fields(b.text(contrastScript)) {
		b.t.Errorf("%s: low contrast: %s", scheme, low)
	}
}

const contrastScript = `(() => {
	const parse = (c) => (c.match(/[\d.]+/g) || []).map(Number);
	const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
	const low = new Set();
	for (const e of document.querySelectorAll("p, li, td, th, dt, dd, h1, h2, h3, small, caption, summary, figcaption, .badge, a, svg text")) {
		if (!e.textContent.trim() || !e.getClientRects().length) continue;
		const style = getComputedStyle(e);
		const a = light(parse(e.closest("svg") ? style.fill : style.color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) low.add(e.tagName + "." + e.getAttribute("class") + "=" + ratio.toFixed(2));
	}
	return Array.from(low).join(" ");
})()`

// pdfPage is a page of a PDF.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

func prints(b *tab) {
	b.show(reported(many(2)...))
	var answer struct{ Data string }
	b.ask("Page.printToPDF", fields{"printBackground": true, "preferCSSPageSize": true}, &answer)
	pdf, err := base64.StdEncoding.DecodeString(answer.Data)
	b.must(err)
	if n := len(pdfPage.FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF-")) || n < 3 || n > 20 {
		b.t.Errorf("%d pages in %d bytes", n, len(pdf))
	}
	b.media("print", "light")
	b.size(720, 1000)
	b.screenshot("print")
	if got := b.text(`Array.from(document.querySelectorAll(".tools, .steps, .skip")).filter((e) => e.offsetHeight > 0).length`); got != "0" {
		b.t.Errorf("%s controls are printed", got)
	}
	if got := b.text(`Array.from(document.querySelectorAll(".scroll")).filter((e) => e.scrollWidth > e.clientWidth + 1).length`); got != "0" {
		b.t.Errorf("%s tables are cut off at the edge of the paper", got)
	}
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

func isSafe(b *tab) {
	b.show(poisoned())
	b.quiet()
	if b.yes("window.pwned || document.querySelector('img')") {
		b.t.Error("a name in the capture was run")
	}
	if !b.yes(`document.querySelector("bdi").textContent.includes('onerror="window.pwned=1"')`) {
		b.t.Error("the name is not shown as it is")
	}
	b.charts(8)
	b.size(380, 900)
	if got := b.text("document.documentElement.scrollWidth"); got != "380" {
		b.t.Errorf("it is %s wide: %s", got, b.text(`Array.from(document.querySelectorAll("body *")).filter((e) => !e.closest(".scroll, svg") && e.getBoundingClientRect().right > 380).map((e) => e.tagName + "." + e.className)`))
	}
	b.screenshot("hostile-380")
}

// loadsNothing puts on the page what its policy forbids.
func loadsNothing(b *tab) {
	b.show(reported(sample()))
	b.quiet()
	b.eval(`(async () => {
		const s = document.createElement("script"); s.textContent = "window.pwned = 1"; document.body.append(s);
		const d = document.createElement("div"); d.innerHTML = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onerror="window.pwned = 2">'; document.body.append(d);
		await fetch("data:,x").then(() => { window.pwned = 3; }, () => {});
		await new Promise((done) => setTimeout(done, 100));
	})()`, nil)
	if got := b.text("window.pwned"); got != "undefined" {
		b.t.Errorf("the policy let %s through", got)
	}
	if len(b.complaints()) < 3 {
		b.t.Errorf("the browser does not tell of it: %v", b.complaints())
	}
}
