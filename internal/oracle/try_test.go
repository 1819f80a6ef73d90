package oracle_test

import ("testing";"time";"os";"fmt";"strings")

func TestTry(t *testing.T) {
	begin := time.Now()
	everyScene(t, func(t *testing.T, r *recording) {
		t.Logf("%v: %d packets: %s", time.Since(begin), len(r.packets), r.report.Verdict)
		for i := range r.report.Connections {
			c := &r.report.Connections[i]
			t.Logf("  %s", c.Conclusion.Text); t.Logf("stall %+v %+v %+v", c.ToServer.Stall, c.ToClient.Stall, c.Conclusion.Handover)
			for _, f := range c.Subflows { t.Logf("    %d %s %v %s %s", f.ID, f.Path, f.Outcome, f.Ended, f.Reset) }
			if p := r.pairs; len(p) > i { t.Log(p[i].said[0].status, p[i].said[1].status) }
		}
		for side := range hosts {
			var b strings.Builder
			for k, v := range r.counters[side] { if v > 0 && strings.HasPrefix(k, "MPTcp") { fmt.Fprintf(&b, " %s=%d", k[8:], v) } }
			t.Log(hosts[side], b.String())
		}
		os.WriteFile("/tmp/H8/"+strings.NewReplacer(" ", "-", "/", "-").Replace(r.scene.name)+".pcapng", r.files[0], 0o644)
	})
}
