package capture

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"

	"allroads/internal/netns/netnstest"
)

// TestSuperFrame captures datagrams that leave the kernel as one frame, for the
// card to cut, almost as large as the kernel makes them: 64 KiB less 19 bytes.
func TestSuperFrame(t *testing.T) {
	const segment = 1455
	a, b := pairs(t, 1)
	remote := fmt.Sprintf("10.0.0.2:%d", port)
	server := udp(t, b, remote, "")
	client := udp(t, a, "10.0.0.1:0", remote)
	deadline(server)
	send(t, client, 0, 1, 8) // Has ARP done.
	if _, err := server.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	raw, err := client.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var errno error
	raw.Control(func(fd uintptr) { errno = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT, segment) })
	if errno != nil {
		netnstest.Missing(t, fmt.Sprintf("UDP_SEGMENT: %v", errno))
	}
	r := listen(t, a, []string{"a0"}, Options{})
	const size = 45 * segment
	payload := randomBytes(size)
	for n := range uint64(20) {
		copy(payload, numbered(n, 8))
		if _, err := client.Write(payload); err != nil {
			t.Fatal(err)
		}
	}
	n := uint64(0)
	for _, p := range drain(t, r) {
		if _, ours := see(&p); !ours {
			continue
		}
		copy(payload, numbered(n, 8))
		if p.Length != 42+size || !bytes.HasSuffix(p.Data, payload) {
			t.Fatalf("frame %d: %d bytes of %d, want %d unchanged", n, len(p.Data), p.Length, 42+size)
		}
		n++
	}
	if n != 20 {
		t.Errorf("%d frames of 20", n)
	}
}

// TestStreamWhole puts a TCP stream together from the captured frames, which the
// kernel makes as large as it likes.
func TestStreamWhole(t *testing.T) {
	a, b := pairs(t, 1)
	r := listen(t, a, []string{"a0"}, Options{Filter: Filter{TCP: true}, RingBytes: 64 << 20})
	client, server := connect(t, a, b, fmt.Sprintf("10.0.0.2:%d", port))
	stream := randomBytes(8 << 20)
	go func() {
		client.Write(stream)
		client.(interface{ CloseWrite() error }).CloseWrite()
	}()
	if _, err := io.Copy(io.Discard, server); err != nil {
		t.Fatal(err)
	}
	captured := make([]byte, len(stream))
	start, largest := uint32(0), 0
	for _, p := range drain(t, r) {
		decoded := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
		segment := decoded.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if segment.DstPort != port {
			continue
		}
		if segment.SYN {
			start = segment.Seq + 1
		}
		// Not segment.Payload: GSO frames may have no IP length to go by.
		headers := len(segment.Contents) + 14 + 20
		copy(captured[min(segment.Seq-start, uint32(len(stream))):], p.Data[headers:])
		largest = max(largest, p.Length)
	}
	if !bytes.Equal(captured, stream) {
		t.Error("the stream put together from frames is not the one sent")
	}
	if s := stats(t, r); s.Drops > 0 {
		t.Errorf("stats %+v", s)
	}
	t.Logf("largest frame %d bytes", largest)
	if largest < 16<<10 {
		t.Errorf("largest frame %d bytes: no super-frame seen", largest)
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}
