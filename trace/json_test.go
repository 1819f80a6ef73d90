package trace_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"allroads/trace"
)

// TestJSONBack: a report is read back from its JSON as it was.
func TestJSONBack(t *testing.T) {
	for name, packets := range map[string][]trace.Packet{
		"whole": capturedPackets(t, twoPaths), "midway": capturedPackets(t, twoPaths)[20:],
	} {
		a := trace.New(redBlue)
		a.Follow(trace.Options{Midway: true, Chart: 10})
		for i := range packets {
			a.Add(&packets[i])
		}
		report := a.Report()
		text, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		var back trace.Report
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := json.Marshal(&back)
		if err != nil || string(again) != string(text) {
			t.Errorf("%s: %v\n%s\nis read as\n%s", name, err, text, again)
		}
		if len(back.Connections) != 1 || !reflect.DeepEqual(back.Connections[0].Tokens, report.Connections[0].Tokens) {
			t.Errorf("%s: %+v", name, back.Connections)
		}
	}
}
