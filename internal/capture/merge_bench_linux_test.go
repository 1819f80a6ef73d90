package capture

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// BenchmarkMergeRead fills rings through lo and reads them, a ring alone and as
// a merge of one and more: ns/packet is for reading, without the time that the
// rings take to hand over.
func BenchmarkMergeRead(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		rings, clients := loopbacks(b, 1)
		benchmarkRead(b, rings[0].Read, clients)
	})
	for _, n := range []int{1, 2, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rings, clients := loopbacks(b, n)
			m := merge(b, rings...)
			benchmarkRead(b, m.Read, clients)
			b.ReportMetric(float64(m.OutOfOrder()), "out-of-order")
		})
	}
}

func loopbacks(b *testing.B, n int) (rings []*Ring, clients []*net.UDPConn) {
	for range n {
		ns := loopback(b)
		udp(b, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
		clients = append(clients, udp(b, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)))
		rings = append(rings, listen(b, ns, []string{"lo"}, Options{}))
	}
	return rings, clients
}

func benchmarkRead(b *testing.B, read func(*Packet) error, clients []*net.UDPConn) {
	const batch = 8192
	var reading time.Duration
	var p Packet
	for b.Loop() {
		for n := range uint64(batch / 8) { // in turn, so that they mix
			send(b, clients[int(n)%len(clients)], 0, 8, 100)
		}
		time.Sleep(3*retire + earlyLimit) // All of it is there now.
		start := time.Now()
		for range batch {
			if err := read(&p); err != nil {
				b.Fatal(err)
			}
		}
		reading += time.Since(start)
	}
	b.ReportMetric(float64(reading.Nanoseconds())/float64(b.N*batch), "ns/packet")
	b.ReportMetric(0, "ns/op")
}
