package matrix

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"allroads/internal/convert"
)

// TestNested: allroads within allroads finds that all is done.
func TestNested(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		scene := newScene(t)
		j.host = scene.here
		port, inner := scene.port(), file(t, "inner.json")
		j.program = append([]string{program(t, "allroads"), "run", "--report", inner, "--"}, curl(t, scene.web(t, port))...)
		o := j.run(t)
		o.succeeded(t, "hello")
		o.counted(t, 2, 2) // One is how the inner allroads looks what it gets.
		text, err := os.ReadFile(inner)
		var report convert.Report
		if err == nil {
			err = json.Unmarshal(text, &report)
		}
		if err != nil || report.Strategy != convert.None || report.Sockets != nil {
			t.Errorf("the inner report: %v, %s", err, text)
		}
		scene.empty(t)
		if syn := scene.wire(t).syn[port]; syn != (handshakes{capable: 1}) {
			t.Errorf("on the wire are SYNs %+v", syn)
		}
	})
}

// TestRules: one of two connections is of MPTCP, as is decided when it is made.
func TestRules(t *testing.T) {
	for _, u := range users {
		t.Run(string(u), func(t *testing.T) {
			t.Parallel()
			scene := newScene(t)
			chosen, other := scene.port(), scene.port()
			urls := []string{scene.web(t, chosen), scene.web(t, other)}
			for _, flags := range [][]string{{"--only", fmt.Sprintf(":%d", chosen)}, {"--except", fmt.Sprintf("%v:%d", thereAt[0], other)}} {
				o := job{host: scene.here, user: u, flags: flags, program: curl(t, urls...)}.run(t)
				o.succeeded(t, "hello", "hello")
				o.counted(t, 2, 1)
				if left := o.report.Sockets.Left; len(left) != 1 || left[0].Reason != "the rules leave it (--only, --except)" {
					t.Errorf("the report has left %+v", left)
				}
			}
			scene.empty(t)
			wire := scene.wire(t)
			if wire.syn[chosen] != (handshakes{capable: 2}) || wire.syn[other] != (handshakes{plain: 2}) {
				t.Errorf("on the wire are SYNs %+v to the one, %+v to the other", wire.syn[chosen], wire.syn[other])
			}
		})
	}
}

// TestRulesServer: so it is with what a listener is bound to.
func TestRulesServer(t *testing.T) {
	for _, k := range []string{"dynamic C", "static C", "Go net", "Go 386", "Python"} {
		t.Run(k, func(t *testing.T) {
			t.Parallel()
			scene := newScene(t)
			i := slices.IndexFunc(kinds, func(other kind) bool { return other.name == k })
			c := &cell{kind: kinds[i], strategy: convert.Notify, user: root, server: true, port: scene.port()}
			c.rules(t, scene)
		})
	}
}
