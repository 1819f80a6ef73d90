package impair

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns/netnstest"
)

// exchangeFrame sends a frame from the client's interface as it is, and returns
// what the server's gets.
func exchangeFrame(t *testing.T, b *bed, frame []byte) []byte {
	t.Helper()
	to, err := openSocket(Port{b.server, "eth0"}, minRing)
	if err != nil {
		t.Fatal(err)
	}
	defer to.close()
	from, err := openSocket(Port{b.client, "eth0"}, minRing)
	if err != nil {
		t.Fatal(err)
	}
	defer from.close()
	var one batch
	one.add(frame)
	if _, err := one.send(from.fd); err != nil {
		t.Fatal(err)
	}
	fds := []unix.PollFd{{Fd: int32(to.fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 2000); n == 0 || err != nil {
		return nil
	}
	received, ok := to.ring.frame()
	if !ok {
		t.Fatal("unfit")
	}
	return bytes.Clone(received)
}

// ethernet is a frame of a length, of which the tags are part.
func ethernet(length int, tags ...byte) []byte {
	frame := append([]byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8}, tags...)
	frame = append(frame, 0x88, 0xb5)
	return append(frame, randomBytes(length-len(frame))...)
}

func TestFramesPassAsTheyAre(t *testing.T) {
	b := newBed(t)
	b.open(t, Params{Delay: time.Millisecond}, Params{}, Options{})
	for name, frame := range map[string][]byte{
		"short":          ethernet(14),
		"full":           ethernet(1514),
		"VLAN":           ethernet(200, 0x81, 0, 0x20, 5),
		"full VLAN":      ethernet(1518, 0x81, 0, 0x20, 5),
		"provider VLAN":  ethernet(200, 0x88, 0xa8, 0xf0, 7),
		"two VLANs":      ethernet(200, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 5),
		"tag of VLAN 0":  ethernet(200, 0x81, 0, 0xe0, 0),
		"full two VLANs": ethernet(1518, 0x81, 0, 0, 7, 0x81, 0, 0, 5),
	} {
		if got := exchangeFrame(t, b, frame); !bytes.Equal(got, frame) {
			t.Errorf("%s: sent %d bytes % x…, received %d bytes % x…", name,
				len(frame), frame[:14], len(got), got[:min(len(got), 22)])
		}
	}
}

func TestJumboFramesPass(t *testing.T) {
	b := newBed(t)
	for _, p := range []Port{{b.client, "eth0"}, {b.middle, "a"}, {b.middle, "b"}, {b.server, "eth0"}} {
		netnstest.Output(t, p.NS, "ip link set dev "+p.Interface+" mtu 9000")
	}
	b.open(t, Params{}, Params{}, Options{RingFrames: 64})
	frame := ethernet(9014)
	if got := exchangeFrame(t, b, frame); !bytes.Equal(got, frame) {
		t.Errorf("sent %d bytes, received %d", len(frame), len(got))
	}
}

// TestLongFrames sends a frame that the far interface cannot take, and one that is
// longer than the near one took when the link was opened.
func TestLongFrames(t *testing.T) {
	b := newBed(t)
	mtu := func(p Port, bytes string) {
		netnstest.Output(t, p.NS, "ip link set dev "+p.Interface+" mtu "+bytes)
	}
	mtu(Port{b.middle, "a"}, "9000")
	l := b.open(t, Params{}, Params{}, Options{RingFrames: 64})
	mtu(Port{b.middle, "a"}, "60000")
	mtu(Port{b.client, "eth0"}, "60000")
	for _, length := range []int{5000, 50_000} {
		stamper(t, Port{b.client, "eth0"}, length)()
	}
	eventually(t, "the frames are counted", func() bool {
		s := l.Stats(AToB)
		return s.Refused == 1 && s.Unfit == 1 && s.Sent.Frames == 0
	})
}

// TestOutgoingFramesAreLeft sends a frame at a port's interface, from elsewhere
// than the link: it is on its way to the host, not from it.
func TestOutgoingFramesAreLeft(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	stamper(t, Port{b.middle, "b"}, 100)()
	stamper(t, Port{b.server, "eth0"}, 200)()
	eventually(t, "the host's frame is carried", func() bool { return l.Stats(BToA).Sent.Frames == 1 })
	if s := l.Stats(BToA); s.Sent.Bytes != 200 {
		t.Errorf("%+v: want only the host's frame, of 200 bytes", s)
	}
}

// TestMemoryIsBounded keeps frames for longer than there is memory for.
func TestMemoryIsBounded(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{Delay: time.Hour}, Params{}, Options{Memory: 100 * 1522})
	client := stamper(t, Port{b.client, "eth0"}, 100)
	for range 150 {
		client()
	}
	eventually(t, "all frames are read", func() bool { return l.Stats(AToB).In.Frames == 150 })
	if s := l.Stats(AToB); s.Waiting != 100 || s.Overflow != 50 {
		t.Errorf("%+v: want 100 waiting, 50 overflow", s)
	}
}
