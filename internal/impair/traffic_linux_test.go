package impair

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

func TestDatagramsPassBothWays(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	for n := range 100 {
		for _, pair := range [][2]*net.UDPConn{{client, server}, {server, client}} {
			sent := bytes.Repeat([]byte{byte(n)}, 1+n*14)
			if _, err := pair[0].Write(sent); err != nil {
				t.Fatal(err)
			}
			received := make([]byte, 2000)
			length, err := pair[1].Read(received)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(received[:length], sent) {
				t.Fatalf("datagram %d came as %d bytes, not as sent", n, length)
			}
		}
	}
	for _, d := range []Direction{AToB, BToA} {
		// ARP took a frame or two each way.
		eventually(t, "100 frames counted", func() bool { return l.Stats(d).Sent.Frames > 100 })
		if s := l.Stats(d); s.In != s.Sent || s.Sent.Frames > 105 {
			t.Errorf("%v: %+v", d, s)
		}
	}
}

// TestStreamArrivesIntact is about checksums and super-frames, too.
func TestStreamArrivesIntact(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.connect(t)
	data := randomBytes(50 << 20)
	start := time.Now()
	go func() {
		client.Write(data)
		client.CloseWrite()
	}()
	hash := sha256.New()
	if _, err := io.Copy(hash, server); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if [32]byte(hash.Sum(nil)) != sha256.Sum256(data) {
		t.Error("another stream arrived")
	}
	s := l.Stats(AToB)
	t.Logf("%.2f Gbit/s, %+v", float64(len(data))*8/took.Seconds()/1e9, s)
	if s.Unfit > 0 || s.Refused > 0 {
		t.Errorf("%+v", s)
	}
	if mean := s.Sent.Bytes / s.Sent.Frames; mean > 1514 {
		t.Errorf("frames of %d bytes on average: super-frames", mean)
	}
}

func TestStreamBackAndOverFaults(t *testing.T) {
	b := newBed(t)
	faults := Params{
		Rate: 200_000_000, Delay: 3 * time.Millisecond, Jitter: time.Millisecond,
		Loss: 0.002, Duplicate: 0.01, Reorder: 0.01,
	}
	l := b.open(t, faults, faults, Options{Seed: 1})
	client, server := b.connect(t)
	data := randomBytes(2 << 20)
	go func() {
		io.Copy(server, server)
		server.CloseWrite()
	}()
	go func() {
		client.Write(data)
		client.CloseWrite()
	}()
	back, err := io.ReadAll(client)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, data) {
		t.Errorf("%d bytes of %d came back, or not as sent", len(back), len(data))
	}
	for _, d := range []Direction{AToB, BToA} {
		s := l.Stats(d)
		t.Logf("%v: %+v", d, s)
		came, went := s.In.Frames+s.Duplicated.Frames, s.Lost.Frames+s.QueueFull.Frames+s.Overflow+
			s.Refused+s.Sent.Frames+uint64(s.Waiting)
		if came != went {
			t.Errorf("%v: %d frames came, %d went: %+v", d, came, went, s)
		}
		if s.Lost.Frames == 0 || s.Duplicated.Frames == 0 || s.Reordered.Frames == 0 {
			t.Errorf("%v: no faults: %+v", d, s)
		}
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}
