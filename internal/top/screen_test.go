package top

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// happenings are events of the first of waves.
func happenings() []pathmanager.Event {
	token := pathmanager.Token(0x83119fc6)
	local, remote := netip.MustParseAddr("10.2.0.2"), netip.MustParseAddr("10.2.0.1")
	at := func(second int) time.Time { return began.Add(time.Duration(second) * time.Second) }
	return []pathmanager.Event{
		{Type: pathmanager.Established, Token: token, Time: at(1)},
		{Type: pathmanager.Announced, Token: token, Time: at(2), Destination: remote, RemoteID: new(uint8(7)), DestinationPort: new(uint16(4321))},
		{Type: pathmanager.SubflowEstablished, Token: token, Time: at(3), Source: local, Destination: remote,
			SourcePort: new(uint16(40001)), DestinationPort: new(uint16(4321)), Backup: new(true)},
		{Type: pathmanager.Loss, Time: at(4), Lost: 12, LostKnown: true},
		{Type: pathmanager.SubflowClosed, Token: token, Time: at(50), Source: local, Destination: remote,
			SourcePort: new(uint16(39999)), DestinationPort: new(uint16(4321)), Error: new(uint8(110)), ResetReason: new(uint32(5))},
	}
}

// views are what has golden screens.
var views = map[string]func() *model{
	"list":  func() *model { return fakeModel(60, waves(false)) },
	"list6": func() *model { return fakeModel(60, waves(true)) },
	"events": func() *model {
		m := fakeModel(60, waves(false))
		for _, e := range happenings() {
			m.happen(event{Event: e})
		}
		return m
	},
	"pending": func() *model { return pressed(fakeModel(3, waves(false)), fullscreen.Down) },
	"paths":   func() *model { return pressed(fakeModel(60, waves(false)), fullscreen.Enter) },
	"paths6":  func() *model { return pressed(fakeModel(60, waves(true)), fullscreen.Enter) },
	"unknown": func() *model {
		return pressed(fakeModel(1, waves(false)), fullscreen.End, fullscreen.Right)
	},
	"deaf": func() *model {
		m := fakeModel(0, nil)
		m.heard, m.deaf = nil, whyDeaf(pathmanager.ErrPermission)
		for i := range 3 {
			connections := waves(false)(i)
			if i == 1 {
				connections[2] = fakeConnection(1, false, 1e5)
			}
			m.look(&live.Snapshot{At: began.Add(time.Duration(i) * time.Second), Connections: connections}, nil)
		}
		return m
	},
	"journal": func() *model {
		m := fakeModel(2, waves(false))
		for _, e := range happenings() {
			m.happen(event{Event: e, space: "red"})
		}
		return pressed(m, 'e')
	},
	"listener": func() *model {
		return fakeModel(2, func(look int) []live.Connection {
			var c live.Connection
			c.State, c.Cookie, c.Local = mptcp.StateListen, 9, netip.MustParseAddrPort("[::]:80")
			return append(waves(false)(look)[:1], c)
		})
	},
	"none":   func() *model { return fakeModel(1, func(int) []live.Connection { return nil }) },
	"filter": func() *model { return pressed(fakeModel(5, waves(false)), fullscreen.F4, 'w', 'w', 'A', 'n') },
	"missed": func() *model { return pressed(fakeModel(5, waves(false)), '/', 'z', 'z', fullscreen.Enter) },
	"order":  func() *model { return pressed(fakeModel(5, waves(false)), 's') },
	"help":   func() *model { return pressed(fakeModel(5, waves(false)), '?') },
	"processes": func() *model {
		return pressed(fakeModel(2, func(look int) []live.Connection {
			connections := waves(false)(look)
			for i := range connections {
				connections[i].Space = []string{"red", "blue", "pid:12345"}[i]
			}
			connections[0].OwnersKnown = true
			connections[0].Owners = []live.Owner{{PID: 4711, Name: "iperf3"}, {PID: 4712, Name: "evil\x1b[2J"}}
			return connections
		}), 'p', ' ')
	},
}

func pressed(m *model, keys ...fullscreen.Key) *model {
	m.draw(fullscreen.NewGrid(80, 24))
	for _, key := range keys {
		m.press(key)
	}
	return m
}

var sizes = []struct {
	name          string
	width, height int
}{{"80x24", 80, 24}, {"40x10", 40, 10}, {"132x43", 132, 43}}

func TestScreens(t *testing.T) {
	for name, view := range views {
		for _, size := range sizes {
			m := view()
			m.several = name == "processes"
			grid := fullscreen.NewGrid(size.width, size.height)
			m.draw(grid)
			golden(t, filepath.Join("testdata", name+"-"+size.name+".txt"), grid.String())
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestAnySize draws everything on screens of all sizes, and what is on a small one is
// never beyond its edge.
func TestAnySize(t *testing.T) {
	for name, view := range views {
		m := view()
		for _, width := range []int{0, 1, 2, 5, 13, 20, 39, 40, 69, 70, 71, 79, 80, 200} {
			for height := range 30 {
				grid := fullscreen.NewGrid(width, height)
				m.draw(grid)
				if m.mode == listing && m.prompt.kind == noPrompt && height > 0 && m.shown.height > 0 && len(m.rows) > 0 &&
					(m.cursor < m.shown.first || m.cursor >= m.shown.first+m.shown.height) {
					t.Errorf("%s at %d×%d: row %d is not among %+v", name, width, height, m.cursor, m.shown)
				}
			}
		}
	}
}
