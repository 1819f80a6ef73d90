package page_test

// isSafe shows a page whose names are hostile.
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
