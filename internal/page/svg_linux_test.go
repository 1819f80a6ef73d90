package page_test

import (
	"os"
	"path/filepath"

	"allroads/internal/page"
)

// showsGraph opens each graph as a file of its own.
func showsGraph(b *tab) {
	c := sample()
	for _, name := range page.Graphs() {
		path := filepath.Join(b.t.TempDir(), name+".svg")
		b.must(os.WriteFile(path, drawn(b.t, &c, name, page.Size{}), 0o644))
		b.visit("file://" + path)
		var worst [3]float64
		b.eval(`(() => {
			const all = Array.from(document.querySelectorAll(".line"), (l) => l.getBoundingClientRect());
			return [all.length, Math.max(...all.map((r) => r.right)), Math.max(...all.map((r) => r.bottom))];
		})()`, &worst)
		var size [2]float64
		b.eval(`[document.documentElement.width.baseVal.value, document.documentElement.height.baseVal.value]`, &size)
		if worst[0] == 0 || worst[1] < size[0]/2 || worst[1] > size[0] || worst[2] < size[1]/4 || worst[2] > size[1] {
			b.t.Errorf("%s of %v pixels: %v lines, as far as %v, %v", name, size, worst[0], worst[1], worst[2])
		}
		b.screenshot(name)
	}
	for _, e := range b.heard("Runtime.exceptionThrown", "Log.entryAdded") {
		b.t.Errorf("%s", e.Params)
	}
}
