package capture

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopacket/gopacket/afpacket"
	"golang.org/x/sys/unix"

	"allroads/internal/netns"
)

// BenchmarkRingRead fills a ring through lo and reads it, here and with the peer
// library afpacket: ns/packet is for reading alone.
func BenchmarkRingRead(b *testing.B) {
	for _, peer := range []struct {
		name string
		open func(b *testing.B, ns *netns.NS) (read func() error, drops func() uint64)
	}{
		{"ring", openOurs},
		{"afpacket", openPeer},
	} {
		b.Run(peer.name, func(b *testing.B) {
			ns := loopback(b)
			udp(b, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
			client := udp(b, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
			read, drops := peer.open(b, ns)
			const batch = 8192
			var reading time.Duration
			for b.Loop() {
				send(b, client, 0, batch, 100)
				time.Sleep(3 * retire) // All of it is there now.
				start := time.Now()
				for range batch {
					if err := read(); err != nil {
						b.Fatal(err)
					}
				}
				reading += time.Since(start)
			}
			b.ReportMetric(float64(reading.Nanoseconds())/float64(b.N*batch), "ns/packet")
			b.ReportMetric(float64(drops()), "drops")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func openOurs(b *testing.B, ns *netns.NS) (read func() error, drops func() uint64) {
	r := listen(b, ns, []string{"lo"}, Options{})
	var p Packet
	return func() error { return r.Read(&p) }, func() uint64 { return stats(b, r).Drops }
}

func openPeer(b *testing.B, ns *netns.NS) (read func() error, drops func() uint64) {
	var t *afpacket.TPacket
	err := ns.Do(func() (err error) {
		t, err = afpacket.NewTPacket(afpacket.OptInterface("lo"), afpacket.OptBlockTimeout(retire),
			afpacket.OptFrameSize(2048), afpacket.OptBlockSize(blockSize(MaxSnapLen)),
			afpacket.OptNumBlocks(defaultRing/blockSize(MaxSnapLen)),
			afpacket.OptSocketType(unix.SOCK_RAW|unix.SOCK_CLOEXEC))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(t.Close)
	program, err := assemble(onLinks([]link{{index: 1, loopback: true}}), Filter{}, MaxSnapLen)
	if err != nil {
		b.Fatal(err)
	}
	if err := t.SetBPF(program); err != nil {
		b.Fatal(err)
	}
	read = func() error {
		_, _, err := t.ZeroCopyReadPacketData()
		return err
	}
	return read, func() uint64 {
		_, s, err := t.SocketStats()
		if err != nil {
			b.Fatal(err)
		}
		return uint64(s.Drops())
	}
}

// BenchmarkRingLive reads what another goroutine sends through lo as fast as one
// can.
func BenchmarkRingLive(b *testing.B) {
	ns := loopback(b)
	udp(b, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(b, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	r := listen(b, ns, []string{"lo"}, Options{})
	count, end := readAsync(r)
	datagram := numbered(0, 1000)
	for b.Loop() {
		if _, err := client.Write(datagram); err != nil {
			b.Fatal(err)
		}
	}
	elapsed := b.Elapsed()
	await(b, r, uint64(b.N))
	r.Stop()
	<-end
	s := stats(b, r)
	if *count+s.Drops != s.Packets || s.Packets != uint64(b.N) {
		b.Errorf("%d packets read, stats %+v, of %d sent", *count, s, b.N)
	}
	b.ReportMetric(float64(*count)/elapsed.Seconds(), "packets/s")
	b.ReportMetric(float64(s.Drops), "drops")
}

// BenchmarkOpen is for the sake of programs that capture in passing.
func BenchmarkOpen(b *testing.B) {
	ns := loopback(b)
	for b.Loop() {
		listen(b, ns, []string{"lo"}, Options{}).Close()
	}
}
