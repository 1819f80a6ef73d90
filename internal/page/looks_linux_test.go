package page_test

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"regexp"
	"strings"
)

// isDark holds the colours to the scheme that a person prefers.
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

// prints makes a PDF, and looks at what is on the paper.
func prints(b *tab) {
	list := many(2)
	for i := range list[1].Subflows { // IPv6 is wide
		list[1].Subflows[i].Client = netip.MustParseAddrPort("[2001:db8:1234:5678:9abc:def0:1234:5678]:61000")
		list[1].Subflows[i].Server = netip.MustParseAddrPort("[2001:db8:4321:5678:9abc:def0:1234:5678]:61000")
	}
	b.show(reported(list...))
	var answer struct{ Data string }
	b.ask("Page.printToPDF", fields{"printBackground": true, "preferCSSPageSize": true}, &answer)
	pdf, err := base64.StdEncoding.DecodeString(answer.Data)
	b.must(err)
	if n := len(pdfPage.FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF-")) || n < 3 || n > 20 {
		b.t.Errorf("%d pages in %d bytes", n, len(pdf))
	}
	b.media("print", "light")
	b.size(688, 1000) // A4 less its margins
	b.screenshot("print")
	if got := b.text(`Array.from(document.querySelectorAll(".tools, .steps, .skip")).filter((e) => e.offsetHeight > 0).length`); got != "0" {
		b.t.Errorf("%s controls are printed", got)
	}
	if got := b.text(`Array.from(document.querySelectorAll(".scroll")).filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.slice(0, 20))`); got != "" {
		b.t.Errorf("tables are cut off at the edge of the paper: %s", got)
	}
}
