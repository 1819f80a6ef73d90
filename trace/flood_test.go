package trace_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// flooder sends SYNs with made-up addresses, numbers and tokens.
type flooder struct {
	random *rand.Rand
	data   []byte
	join   bool
	token  wire.Token // 0: another each time
	sent   int
}

func newFlooder(join bool, token wire.Token) *flooder {
	option := wire.AppendMPCapable(nil, &wire.MPCapable{Version: wire.V1, Flags: wire.FlagH})
	if join {
		option = wire.AppendMPJoin(nil, &wire.MPJoin{Form: wire.JoinSYN, Token: token})
	}
	from, to := netip.MustParseAddrPort("10.9.0.1:1"), netip.MustParseAddrPort("10.0.0.1:4321")
	return &flooder{
		random: rand.New(rand.NewPCG(1, 2)), join: join, token: token,
		data: frame(from, to, 0, 0, trace.SYN, option, nil),
	}
}

// next is the next SYN, valid until the one after.
func (f *flooder) next(at int64) *trace.Packet {
	f.sent++
	binary.BigEndian.PutUint32(f.data[26:], uint32(f.sent)+0x0b000000)
	binary.BigEndian.PutUint16(f.data[34:], uint16(f.random.Uint32()))
	binary.BigEndian.PutUint32(f.data[38:], f.random.Uint32())
	if f.join {
		binary.BigEndian.PutUint32(f.data[62:], f.random.Uint32()) // nonce
		if f.token == 0 {
			binary.BigEndian.PutUint32(f.data[58:], f.random.Uint32()|1)
		}
	}
	return &trace.Packet{Time: at, Length: len(f.data), Data: f.data}
}

// TestFloods: a million SYNs with MP_CAPABLE, or MP_JOIN with random tokens or that
// of a real connection, fill no memory and do not keep the analyzer from following
// real connections in their midst.
func TestFloods(t *testing.T) {
	count := 1_000_000
	if testing.Short() {
		count = 100_000
	}
	for _, test := range []struct {
		name    string
		join    bool
		aim     bool
		options trace.Options
	}{
		{"MP_CAPABLE", false, false, trace.Options{}},
		{"MP_JOIN", true, false, trace.Options{}},
		{"MP_JOIN, followed midway", true, false, trace.Options{Midway: true}},
		{"MP_JOIN of a connection", true, true, trace.Options{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(wire.V1, false)
			flood := newFlooder(test.join, 0)
			if test.aim {
				flood = newFlooder(true, s.version.Token(s.keys[1]))
			}
			s.openRed()
			s.openBlue()
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			s.finish([2]uint64{11, 0})

			a := trace.New(redBlue)
			a.Follow(test.options)
			heap := heapInUse()
			for i := range s.packets {
				at := s.packets[i].Time
				a.Add(&s.packets[i])
				burst := 5000 // within a round trip; more would push out a real SYN
				if i == len(s.packets)/2 {
					burst = count
				}
				if test.aim && i < 6 {
					burst = 10
				}
				for range burst {
					a.Add(flood.next(at))
				}
			}
			used := heapInUse() - heap
			if used > 48<<20 {
				t.Errorf("%d MiB are in use", used>>20)
			}
			r := a.Report()
			if used := heapInUse() - heap; used > 200<<20 {
				t.Errorf("%d MiB are in use with the report", used>>20)
			}
			evicted := r.Packets.Evicted
			if kept := uint64(flood.sent) - evicted; (!test.join || test.aim || test.options.Midway) && (kept > 1<<13 || evicted == 0) {
				t.Errorf("%d of %d SYNs were evicted", evicted, flood.sent)
			}
			conn := &r.Connections[0]
			if conn.ToServer.Bytes != 11 || !conn.ToServer.Ended || conn.Conclusion.Paths != 2 || len(conn.Subflows) > 200 {
				t.Errorf("the connection is %.200s", conn.Conclusion.Text)
			}
			if r.Verdict.Proven {
				t.Error("proven")
			}
			t.Logf("%d sent, %d evicted, %d MiB, %d connections, %d subflows of the first, %d hidden", flood.sent, evicted, used>>20,
				len(r.Connections), len(conn.Subflows), conn.Futile)
		})
	}
}

func heapInUse() int64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapAlloc)
}
