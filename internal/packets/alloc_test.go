package packets_test

import (
	"bytes"
	"io"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

// TestNothingAllocated prints all scenes, and what is no segment.
func TestNothingAllocated(t *testing.T) {
	var all []trace.Packet
	for _, path := range kept(t) {
		all = append(all, captured(t, path)...)
	}
	for _, options := range [][]byte{{30, 4, 0x91, 2}, {30, 9, 0xa1, 2}, {30, 4, 0x20, 1}, {30, 4, 0x10, 1}, {30, 2, 8, 2}, {30, 4, 0x80, 99}, {30, 4, 1, 0xff}} {
		all = append(all, raw(segment(client, server, trace.ACK, options, "")))
	}
	all = append(all, raw(append(ip4(client.Addr(), server.Addr(), 17, 0), 0)), raw([]byte{0x45}), trace.Packet{Data: append(make([]byte, 12), 0x12, 0x34, 1)})
	for _, o := range []packets.Options{{}, {Time: packets.Absolute, Color: true}, {MPTCPOnly: true, Time: packets.Delta}} {
		p := packets.New(io.Discard, o)
		allocated := testing.AllocsPerRun(20, func() {
			for i := range all {
				if err := p.Packet(uint64(i), &all[i]); err != nil {
					t.Fatal(err)
				}
			}
		})
		if allocated != 0 {
			t.Errorf("%+v: %v allocations for %d packets", o, allocated, len(all))
		}
	}
}

// captured are the packets of a file.
func captured(tb testing.TB, path string) (all []trace.Packet) {
	tb.Helper()
	file, err := trace.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var p trace.Packet
	for err = file.Next(&p); err == nil; err = file.Next(&p) {
		q := p
		q.Data = bytes.Clone(p.Data)
		all = append(all, q)
	}
	if err != io.EOF {
		tb.Fatal(err)
	}
	return all
}
