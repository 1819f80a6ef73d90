package middlebox_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/gopacket/gopacket/layers"
)

// data is a packet with n bytes of payload, and a DSS.
func data(n int) packet {
	return packet{flags: "A", options: []layers.TCPOption{dss}, payload: make([]byte, n)}
}

func back(p packet) packet            { p.reverse = true; return p }
func flags(p packet, f string) packet { p.flags = f; return p }
func six(p packet) packet             { p.six = true; return p }
func tagged(p packet) packet          { p.tags = 1; return p }
func plain(p packet) packet           { p.options = nil; return p }

func other(p packet) packet { p.port = 1; return p }

// TestAfter has the DSS of a flow dropped after 100 bytes.
func TestAfter(t *testing.T) {
	type step struct {
		packet
		dropped bool
	}
	syn := flags(plain(data(0)), "S")
	for name, steps := range map[string][]step{
		"both directions":        {{data(60), false}, {back(data(39)), false}, {data(1), false}, {data(0), true}, {back(data(0)), true}},
		"reached on the way":     {{data(1000), false}, {data(1), true}},
		"sent again":             {{data(50), false}, {data(50), false}, {data(50), true}},
		"dropped does not count": {{data(99), false}, {plain(data(1)), false}, {data(1), true}, {plain(data(1)), false}, {data(1), true}},
		"other flow":             {{data(100), false}, {other(data(0)), false}, {data(0), true}, {other(data(100)), false}, {other(data(0)), true}},
		"other IP version":       {{data(100), false}, {six(data(1)), false}, {six(data(99)), false}, {six(data(0)), true}},
		"VLANs are no matter":    {{tagged(data(100)), false}, {data(0), true}},
		"reset":                  {{data(100), false}, {flags(plain(data(0)), "R"), false}, {data(100), false}, {data(0), true}},
		"dropped reset":          {{data(100), false}, {flags(data(0), "RA"), true}, {data(0), true}},
		"SYN":                    {{data(100), false}, {syn, false}, {data(99), false}, {data(1), false}, {data(0), true}},
		"SYN with data":          {{data(100), false}, {flags(data(100), "S"), false}, {data(0), true}},
		"SYN/ACK":                {{data(100), false}, {flags(plain(data(0)), "SA"), false}, {data(0), true}},
	} {
		t.Run(name, func(t *testing.T) {
			b := box(t, middlebox.Rule{Do: middlebox.Drop, After: 100})
			for i, s := range steps {
				if got := dropped(t, b, s.packet); got != s.dropped {
					t.Fatalf("packet %d dropped: %v", i+1, got)
				}
			}
		})
	}
}

// TestAfterOneWay: payload counts in a direction without rules, and rules that
// wait go with others that do not.
func TestAfterOneWay(t *testing.T) {
	b, err := middlebox.New([2][]middlebox.Rule{1: {
		{Do: middlebox.Strip, Options: []wire.Subtype{wire.SubtypeMPJoin}},
		{Do: middlebox.Drop, After: 10},
		{Do: middlebox.Drop, After: 1 << 63},
	}})
	if err != nil {
		t.Fatal(err)
	}
	joined := back(data(0))
	joined.options = []layers.TCPOption{join}
	for i, c := range []struct {
		packet
		dropped bool
	}{{joined, false}, {back(data(9)), false}, {data(1), false}, {data(1), false}, {back(data(0)), true}, {joined, false}} {
		if got := dropped(t, b, c.packet); got != c.dropped {
			t.Errorf("packet %d dropped: %v", i+1, got)
		}
	}
	if got := b.Counts(); len(got[0]) != 0 || got[1][0] != 2 || got[1][1] != 1 || got[1][2] != 0 {
		t.Errorf("counts %v", got)
	}
}

// TestFlowTableBound fills the table: the flow that was quiet for longest goes.
func TestFlowTableBound(t *testing.T) {
	const limit = 65536
	b := box(t, middlebox.Rule{Do: middlebox.Drop, After: 10})
	long, short := data(10).frame(t), data(0).frame(t)
	send := func(frame []byte, client int) (drop bool) {
		frame = bytes.Clone(frame)
		binary.BigEndian.PutUint32(frame[26:], uint32(client)) // the source address
		_, drop = b.Inspect(0, frame)
		return drop
	}
	for client := range limit {
		if send(long, client) {
			t.Fatalf("client %d dropped", client)
		}
	}
	for client := limit; client < 2*limit; client++ {
		if send(short, client) { // Without payload there is nothing to keep.
			t.Fatalf("client %d dropped", client)
		}
	}
	if !send(short, 0) || !send(short, 1) || !send(short, limit-1) {
		t.Fatal("forgot a flow before the table was full")
	}
	send(long, limit)
	send(long, limit+1)
	if send(short, 2) || send(short, 3) {
		t.Error("the quietest flows are still known")
	}
	for _, client := range []int{0, 1, 4, limit - 1, limit, limit + 1} {
		if !send(short, client) {
			t.Errorf("forgot client %d", client)
		}
	}
}

// TestVersionsApart has IPv6 addresses that start like the IPv4 ones and have
// zeros behind.
func TestVersionsApart(t *testing.T) {
	b := box(t, middlebox.Rule{Do: middlebox.Drop, After: 10})
	four, long := data(10).frame(t), six(data(10)).frame(t)
	clear(long[22:54])
	copy(long[22:], four[26:30])
	copy(long[38:], four[30:34])
	for i, frame := range [][]byte{four, long, four, long} {
		if _, drop := b.Inspect(0, bytes.Clone(frame)); drop != (i > 1) {
			t.Errorf("packet %d dropped: %v", i+1, drop)
		}
	}
}
