package lab_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Values that are wrong in some places, and right in others.
var values = strings.Fields(`-1 0 1 5 80 255 256 65535 65536 70000 1.5 true "5" "0" "1.5" yes a a.b "-1" "+5" "0x10" 5mbit
	2.5gbit "1e3kbit" 5mbps 20ms 1m30s 0s .5s -1s 2h 5% 0.5% 1e-2% 100% 101% 10.0.0.9 10.0.0.9/24 10.0.0.0/24 10.0.0.9/33
	default "fd00::9" "fd00::9/64" "fd00::/64" "fe80::1%x" 10.0.0.300 "10.0.0.9:80" "[fd00::9]:80" "10.0.0.9:0" 10MB 64kB
	1.5kB 0.1kB drop strip reset rewrite any syn-ack later mp_join DSS down up auto netem subflow red client server lo
	net.a abc "subflows==2" [] [a] [red] [1] [10.0.0.9] [subflow] {} {a:1}`)

// What Parse takes, the schema takes: any value in any place.
func TestSchemaTakesValues(t *testing.T) {
	schema, document := compiled(t, ""), object(t, []byte(everything))
	there := spots(document)
	taken := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := there[rapid.SampledFrom(sorted(there)).Draw(rt, "place")]
		value := rapid.SampledFrom(values).Draw(rt, "value")
		s.put(object(t, []byte(value)))
		defer s.put(s.value)
		parse, valid := askBoth(t, schema, "t.yaml", document)
		if parse == nil && valid != nil {
			rt.Fatalf("%s: %s: %v", s.path, value, valid)
		}
		if parse == nil {
			taken++
		}
	})
	if taken == 0 && !testing.Short() { // 20 values are too few to be sure.
		t.Error("Parse takes none of them")
	}
}

func TestSchemaTakesGenerated(t *testing.T) {
	schema := compiled(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		topology := topologies().Draw(rt, "topology")
		if parse, valid := askBoth(t, schema, "t.yaml", topology); parse != nil || valid != nil {
			rt.Fatalf("%v\n%v", parse, valid)
		}
	})
}
