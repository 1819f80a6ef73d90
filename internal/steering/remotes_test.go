package steering

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// stranger is a connection with a peer that is not to be trusted.
type stranger struct {
	t   *testing.T
	s   *State
	now time.Time
}

func newStranger(t *testing.T, locals int, server bool) *stranger {
	x := &stranger{t, New(config.Default()), time.Unix(1e6, 0)}
	var all []Local
	for i := range locals {
		all = append(all, Local{
			Addr: netip.AddrFrom4([4]byte{10, byte(i), 0, 2}), Link: i + 2, Interface: fmt.Sprint("e", i), ID: uint8(i + 1),
			Settings: config.InterfaceSettings{Role: config.Use}, Rule: "r",
		})
	}
	x.s.Step(x.now, Network{Locals: all})
	x.says(pathmanager.Established, server, "198.51.100.1", 443, 0)
	return x
}

func (x *stranger) says(kind pathmanager.EventType, server bool, from string, port uint16, id uint8) (commands []Command) {
	x.now = x.now.Add(time.Millisecond)
	return x.s.Step(x.now, Event{pathmanager.Event{
		Type: kind, Token: 7, ServerSide: server, RemoteID: &id, LocalID: new(uint8),
		Source: netip.MustParseAddr("10.0.0.2"), SourcePort: new(uint16(4000)),
		Destination: netip.MustParseAddr(from), DestinationPort: &port,
	}})
}

// TestOddRemotes: a peer cannot have this host connect to itself, or to many.
func TestOddRemotes(t *testing.T) {
	for addr, want := range map[string]int{
		"0.0.0.0": 0, "255.255.255.255": 0, "224.0.0.1": 0, "240.0.0.1": 0, "127.0.0.1": 0, "169.254.169.254": 0,
		"10.0.0.2": 0, "10.1.0.2": 0, "::ffff:10.1.0.2": 0, "ff02::1": 0, "::": 0, "::1": 0, "192.168.1.1": 2, "203.0.113.9": 2,
	} {
		x := newStranger(t, 2, false)
		made := 0
		for _, c := range x.says(pathmanager.Announced, false, addr, 0, 5) {
			if c.Action == Create {
				made++
			}
		}
		if made != want {
			t.Errorf("%s announced: %d subflows asked for, want %d", addr, made, want)
		}
	}
}

// TestAnnouncedFlood: whatever a peer announces, how often, the work has a bound.
func TestAnnouncedFlood(t *testing.T) {
	x := newStranger(t, 4, false)
	commands := 0
	for round := range 8 {
		for id := 1; id < 256; id++ {
			commands += len(x.says(pathmanager.Announced, false, fmt.Sprintf("203.0.%d.%d", round, id), 0, uint8(id)))
			x.says(pathmanager.Removed, false, "203.0.113.1", 0, uint8(id))
		}
	}
	c := x.s.connections[7]
	if len(c.remotes) > mostRemotes || len(c.paths) > 4*(mostRemotes+announceBurst) || commands > 4*(mostRemotes+announceBurst) {
		t.Errorf("%d remotes, %d paths, %d commands", len(c.remotes), len(c.paths), commands)
	}
	x.now = x.now.Add(time.Hour)
	if len(x.says(pathmanager.Announced, false, "192.0.2.9", 0, 9)) == 0 && len(c.remotes) == 0 {
		t.Error("after an hour of silence the peer is not listened to")
	}
}

// TestJoinedFlood: a peer that makes more subflows than a connection may have loses them.
func TestJoinedFlood(t *testing.T) {
	x := newStranger(t, 2, true)
	closed := 0
	for i := range 64 {
		for _, c := range x.says(pathmanager.SubflowEstablished, true, "198.51.100.1", uint16(10000+i), 3) {
			if c.Action != Destroy || c.To.Port() != uint16(10000+i) {
				t.Fatalf("%+v", c)
			}
			closed++
			x.s.Step(x.now, Done{Command: c})
		}
	}
	live := 0
	for _, p := range x.s.connections[7].paths {
		if p.live() {
			live++
		}
	}
	if live != mostRemotes+1 || closed != 64-mostRemotes {
		t.Errorf("%d subflows live, %d closed", live, closed)
	}
}
