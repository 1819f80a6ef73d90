package page_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allroads/internal/page"
)

// tab is a page that a browser shows.
type tab struct {
	*browser
	t       *testing.T
	session string
	url     string
}

type fields map[string]any

// newTab opens an empty page and listens to it.
func (b *browser) newTab(t *testing.T) *tab {
	t.Helper()
	one := &tab{browser: b, t: t}
	var target struct{ TargetID string }
	one.must(b.call("", "Target.createTarget", fields{"url": "about:blank"}, &target))
	var attached struct{ SessionID string }
	one.must(b.call("", "Target.attachToTarget", fields{"targetId": target.TargetID, "flatten": true}, &attached))
	one.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Audits"} {
		one.ask(domain+".enable", nil, nil)
	}
	return one
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) ask(method string, params, result any) {
	b.t.Helper()
	b.must(b.call(b.session, method, params, result))
}

// show writes a page to a file, and opens that.
func (b *tab) show(p *page.Page) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "page.html")
	b.must(os.WriteFile(path, written(b.t, p), 0o644))
	b.visit("file://" + path)
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.url = url
	before := len(b.heard("Page.loadEventFired"))
	b.ask("Page.navigate", fields{"url": url}, nil)
	b.until("the page to load", func() bool { return len(b.heard("Page.loadEventFired")) > before })
}

func (b *tab) until(what string, done func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("waited for %s", what)
		}
	}
}

// eval gives the value of an expression in the page.
func (b *tab) eval(expression string, value any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.ask("Runtime.evaluate", fields{"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	if value != nil {
		if err := json.Unmarshal(answer.Result.Value, value); err != nil {
			b.t.Fatalf("%s: %s: %v", expression, answer.Result.Value, err)
		}
	}
}

func (b *tab) text(expression string) (s string) {
	b.t.Helper()
	b.eval("String("+expression+")", &s)
	return s
}

func (b *tab) yes(expression string) (yes bool) {
	b.t.Helper()
	b.eval("Boolean("+expression+")", &yes)
	return yes
}

// size makes the window so many pixels wide and high.
func (b *tab) size(width, height int) {
	b.t.Helper()
	b.ask("Emulation.setDeviceMetricsOverride", fields{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// media sets the medium ("" for a screen), and light or dark.
func (b *tab) media(medium, scheme string) {
	b.t.Helper()
	b.ask("Emulation.setEmulatedMedia", fields{"media": medium, "features": []fields{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// screenshot keeps a picture of the whole page.
func (b *tab) screenshot(name string) []byte {
	b.t.Helper()
	var picture struct{ Data string }
	b.ask("Page.captureScreenshot", fields{"captureBeyondViewport": true}, &picture)
	png, err := base64.StdEncoding.DecodeString(picture.Data)
	b.must(err)
	b.must(os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o644))
	return png
}

// complaints are errors and warnings, of the script and of the browser, and what the
// page tried to load besides itself.
func (b *tab) complaints() (list []string) {
	for _, e := range b.heard("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Audits.issueAdded") {
		list = append(list, e.Method+" "+string(e.Params))
	}
	for _, e := range b.heard("Network.requestWillBeSent") {
		var sent struct{ Request struct{ URL string } }
		b.must(json.Unmarshal(e.Params, &sent))
		if !strings.HasPrefix(sent.Request.URL, "file://") || !strings.HasSuffix(sent.Request.URL, "/page.html") {
			list = append(list, "requested "+sent.Request.URL)
		}
	}
	return list
}
