package watch

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		connections Connections
		want        []string
	}{
		{Connections{}, nil},
		{
			Connections{MPTCP: 1, Subflows: []Subflows{{2, 1}}},
			[]string{"connections  1 MPTCP with 2 subflows"},
		},
		{
			Connections{
				MPTCP: 3, Subflows: []Subflows{{2, 2}, {1, 1}}, Failed: 1, Unconnected: 2,
				FallenBack: 1, Causes: []Cause{{"the answer came without mptcp", 1}},
			},
			[]string{
				"connections  3 MPTCP (2 with 2 subflows, 1 with 1), 1 fell back to TCP (the",
				"             answer came without mptcp), 1 not made, 2 not connected so far",
			},
		},
		{
			Connections{Listening: 2, Accepted: Accepted{MPTCP: 2, Subflows: []Subflows{{1, 2}}, TCP: 7}},
			[]string{"accepted     2 MPTCP (2 with 1 subflow), 7 TCP, by 2 listeners"},
		},
		{Connections{Listening: 1}, []string{"accepted     none seen, by 1 listener"}},
		{
			Connections{Unknown: []Unknown{{reasonTexts[neverSeen], 3}}},
			[]string{"not known    3 closed, and not seen to connect: it never did, or too shortly"},
		},
	} {
		got := c.connections.Text()
		if !slices.Equal(got, c.want) {
			t.Errorf("got\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		for _, line := range got {
			if len(line) > width {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

// TestJSON: whoever reads the report finds every field, and lists that are no null.
func TestJSON(t *testing.T) {
	w := watcher(t)
	b, err := json.Marshal(w.Report())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"sockets":0,"connected":0,"mptcp":0,"fallen_back":0,"fallback_causes":[],"subflows":[],"failed":0,` +
		`"unconnected":0,"listening":0,"accepted":{"mptcp":0,"fallen_back":0,"tcp":0,"subflows":[]},` +
		`"bytes_seen":{"sent":0,"received":0},"unknown":[]}`
	if string(b) != want {
		t.Errorf("%s", b)
	}
}
