package cli_test

import (
	"io"
	"regexp"
	"strings"
	"testing"
)

// TestConnsStale: a path swallows all from some time on.
func TestConnsStale(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "{do: drop, after: 50000}")
		_, accepted := l.listen("10.0.1.2:4000")
		client, server := l.connect("10.0.1.2:4000", accepted)
		eventually(t, "two subflows", func() bool { return strings.Contains(l.ok("client"), "2 established of 4") })
		if strings.Contains(l.ok("client"), "stale") {
			t.Error("a path is stale that has carried nothing yet")
		}
		go func() { _, _ = io.Copy(io.Discard, server) }()
		go func() {
			for b := make([]byte, 64<<10); ; {
				if _, err := client.Write(b); err != nil {
					return
				}
			}
		}()
		stale := regexp.MustCompile(`(?m)^  ESTABLISHED  10\.0\.2\.1:P -> 10\.0\.1\.2:4000  joined  stale  dev blue  `)
		eventually(t, "a stale path", func() bool { return stale.MatchString(steady(l.ok("client"))) })
		if strings.Count(l.ok("client"), "stale") != 1 {
			t.Error("both paths are stale")
		}
	})
}
