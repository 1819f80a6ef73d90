package capture

import (
	"bufio"
	"io"
	"testing"
)

// BenchmarkWriter writes packets to nowhere, beside plain copying of their bytes
// through a buffer of the same size.
func BenchmarkWriter(b *testing.B) {
	packet := somePackets()[0]
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64", 64}, {"1500", 1500}, {"65226", 65226}} {
		packet.Data = make([]byte, size.bytes)
		packet.Length = size.bytes
		b.Run("pcapng/"+size.name, func(b *testing.B) {
			w, err := NewWriter(io.Discard, twoInterfaces, 0)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(size.bytes))
			for b.Loop() {
				if err := w.Write(&packet); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("copy/"+size.name, func(b *testing.B) {
			w := bufio.NewWriterSize(io.Discard, writeBuffer)
			b.SetBytes(int64(size.bytes))
			for b.Loop() {
				if _, err := w.Write(packet.Data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
