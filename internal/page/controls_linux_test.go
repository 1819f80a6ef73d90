package page_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// firstCells are the numbers of the connections in the table, as it stands.
const firstCells = `Array.from(document.querySelectorAll("#connections tbody tr")).filter((r) => !r.hidden).map((r) => r.cells[0].textContent).join(" ")`

// sorts clicks on headings.
func sorts(b *tab) {
	list := many(5)
	for i, n := range []uint64{900, 5_000_000, 20_000, 0, 700_000} {
		list[i].ToServer.Bytes = n
		port := []uint16{80, 443, 5000, 8080, 61000}[i] // not in the order of their digits
		list[i].Subflows[0].Client = netip.AddrPortFrom(list[i].Subflows[0].Client.Addr(), port)
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

// searches types into the field.
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

// visible are the sections that can be seen.
const visible = `Array.from(document.querySelectorAll("section.connection")).filter((s) => s.offsetHeight > 0).map((s) => s.id).join(" ")`

// chooses goes from one connection to another.
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
