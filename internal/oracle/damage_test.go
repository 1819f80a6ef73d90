package oracle_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"allroads/trace"
)

// damages are what may happen to packets between the wire and the analyzer.
var damages = map[string]func(*rand.Rand, []trace.Packet) []trace.Packet{
	"removed": func(dice *rand.Rand, packets []trace.Packet) []trace.Packet {
		return slices.DeleteFunc(slices.Clone(packets), func(trace.Packet) bool { return dice.IntN(20) == 0 })
	},
	"duplicated": func(dice *rand.Rand, packets []trace.Packet) (out []trace.Packet) {
		for _, p := range packets {
			out = append(out, p)
			if dice.IntN(20) == 0 {
				out = append(out, p)
			}
		}
		return out
	},
	"reordered": func(dice *rand.Rand, packets []trace.Packet) []trace.Packet {
		out := slices.Clone(packets)
		for i := range out {
			j := min(i+dice.IntN(4), len(out)-1)
			if dice.IntN(10) == 0 {
				out[i], out[j] = out[j], out[i]
			}
		}
		return out
	},
	"truncated": func(dice *rand.Rand, packets []trace.Packet) []trace.Packet {
		out := slices.Clone(packets)
		for i := range out {
			if dice.IntN(20) == 0 {
				out[i].Data = out[i].Data[:dice.IntN(len(out[i].Data))]
			}
		}
		return out
	},
	"cut at the same length": func(dice *rand.Rand, packets []trace.Packet) []trace.Packet {
		out, length := slices.Clone(packets), 40+dice.IntN(120)
		for i := range out {
			out[i].Data = out[i].Data[:min(length, len(out[i].Data))]
		}
		return out
	},
}

// rounds is how often each damage is done to each scene.
const rounds = 12

// TestDamaged does all that to each scene. Nothing crashes; what is seen no more is not
// taken for a fault of the connection, and nothing is proven that was not.
//
// The check of resets, which asks whether all was acknowledged, is left out.
func TestDamaged(t *testing.T) {
	everyScene(t, func(t *testing.T, r *recording) {
		before := claims(r.report)
		for _, how := range slices.Sorted(maps.Keys(damages)) {
			dice := rand.New(rand.NewPCG(uint64(len(how)), uint64(len(r.packets))))
			for round := range rounds {
				damaged := analyze(r.links, damages[how](dice, r.packets))
				for claim, detail := range claims(damaged) {
					if _, old := before[claim]; !old {
						t.Errorf("%s, round %d: %s: %s", how, round, claim, detail)
					}
				}
				turned := how == "reordered" && wasReset(r.report) // A reset is harmless once all is acknowledged.
				if damaged.Verdict.Proven && !r.report.Verdict.Proven && !turned {
					t.Errorf("%s, round %d: %s", how, round, damaged.Verdict)
				}
			}
		}
	})
}

// claims are what a report says against a connection, by what it is about.
func claims(r *trace.Report) map[string]string {
	found := map[string]string{}
	for i := range r.Connections {
		c := &r.Connections[i]
		key := c.Subflows[0].Client.String()
		if c.Fallback != nil {
			found[key+": fallback"] = c.Fallback.String()
		}
		for _, f := range c.Conclusion.Findings {
			if strings.HasPrefix(string(f.Code), "middlebox") {
				found[fmt.Sprint(key, ": ", f.Code)] = f.String()
			}
		}
		badChecks(found, key, c.Checks)
		for j := range c.Subflows {
			badChecks(found, key+" "+c.Subflows[j].Client.String(), c.Subflows[j].Checks)
		}
	}
	return found
}

func badChecks(found map[string]string, key string, checks []trace.Check) {
	for _, check := range checks {
		if check.Status == trace.Bad && check.Name != "reset" {
			found[key+": "+check.Name] = check.Detail
		}
	}
}

// TestAlteredPayload alters payload. Where it is carried once nothing but a checksum can
// tell; with checksums, or where it is carried twice, nothing is proven.
func TestAlteredPayload(t *testing.T) {
	for _, name := range []string{"checksums", "checksums over IPv6"} {
		r := recorded(t, sceneOf(name))
		if !r.report.Verdict.Proven {
			t.Fatalf("%s: %s", name, r.report.Verdict)
		}
		dice, altered := rand.New(rand.NewPCG(5, 6)), 0
		for i := range r.packets {
			var s trace.Segment
			if s.Decode(&r.packets[i]) != nil || len(s.Payload) == 0 {
				continue
			}
			at := dice.IntN(len(s.Payload))
			kept := bytes.Clone(s.Payload)
			s.Payload[at] ^= 1 << dice.IntN(8)
			verdict := analyze(r.links, r.packets).Verdict
			copy(s.Payload, kept)
			// What was there before is held against that, and not summed up once more.
			said := verdict.String()
			named := strings.Contains(said, "checksum is bad") || strings.Contains(said, "differ from those sent before")
			if altered++; verdict.Proven || !named {
				t.Errorf("%s, packet %d, byte %d of its payload altered: %s", name, i+1, at, verdict)
			}
		}
		if altered < 40 {
			t.Errorf("%s: %d packets altered", name, altered)
		}
	}
}

func wasReset(r *trace.Report) bool {
	for i := range r.Connections {
		for _, flow := range r.Connections[i].Subflows {
			if flow.Reset != "" {
				return true
			}
		}
	}
	return false
}
