package extract_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"allroads/internal/capture"
	"allroads/internal/extract"
	"allroads/trace"
)

// twoPaths is a capture in which the client sends 100,012 bytes over two subflows, as
// large frames, which the kernel has split.
const twoPaths = "../../trace/testdata/two-paths.pcapng.gz"

// TestHoles: what was cut off by a snap length is missing, and nothing is made up.
func TestHoles(t *testing.T) {
	whole, _, err := streams(t, extract.StreamOptions{}, "1", twoPaths)
	must(t, err)
	cut := rewritten(t, twoPaths, func(_ int, p *capture.Packet) bool {
		p.Data = p.Data[:min(len(p.Data), 400)]
		return true
	})
	stopped, _, err := streams(t, extract.StreamOptions{}, "1", cut)
	var missing *extract.HolesError
	if !errors.As(err, &missing) || len(missing.Holes) < 2 || missing.FromServer {
		t.Fatalf("error %v", err)
	}
	first := missing.Holes[0].Low
	if !bytes.Equal(stopped.client, whole.client[:first]) || first == 0 {
		t.Errorf("%d bytes in front of the hole at %d", len(stopped.client), first)
	}
	zeroed, skipped := bytes.Clone(whole.client), []byte{}
	at := int64(0)
	for _, hole := range missing.Holes {
		clear(zeroed[hole.Low:hole.High])
		skipped, at = append(skipped, whole.client[at:hole.Low]...), hole.High
	}
	skipped = append(skipped, whole.client[at:]...)
	for policy, want := range map[extract.Holes][]byte{extract.HolesZero: zeroed, extract.HolesSkip: skipped} {
		got, summary, err := streams(t, extract.StreamOptions{Holes: policy}, "1", cut)
		if err != nil || !bytes.Equal(got.client, want) || len(summary.Ends[0].Holes) != len(missing.Holes) {
			t.Errorf("%d bytes, want %d; %v, %+v", len(got.client), len(want), err, summary.Ends)
		}
	}
}

// TestHoleAtTheEnd: what the other side had is missing, though nothing came behind.
func TestHoleAtTheEnd(t *testing.T) {
	whole, _, err := streams(t, extract.StreamOptions{}, "1", twoPaths)
	must(t, err)
	var s trace.Segment
	last := rewritten(t, twoPaths, func(_ int, p *capture.Packet) bool {
		err := s.Decode(&trace.Packet{Data: p.Data, Length: p.Length})
		return err != nil || !bytes.HasSuffix(whole.client, s.Payload) || len(s.Payload) == 0
	})
	got, _, err := streams(t, extract.StreamOptions{}, "1", last)
	var missing *extract.HolesError
	if !errors.As(err, &missing) || missing.Holes[len(missing.Holes)-1].High != int64(len(whole.client)) || !bytes.HasPrefix(whole.client, got.client) {
		t.Errorf("%d bytes, error %v", len(got.client), err)
	}
}

// TestDamage: of a file that is cut short, there is what came before.
func TestDamage(t *testing.T) {
	plain := rewritten(t, twoPaths, func(int, *capture.Packet) bool { return true })
	info, err := os.Stat(plain)
	must(t, err)
	must(t, os.Truncate(plain, info.Size()/2))
	whole, _, _ := streams(t, extract.StreamOptions{}, "1", twoPaths)
	got, summary, err := streams(t, extract.StreamOptions{}, "1", plain)
	if err != nil || summary.Damage == nil || len(got.client) < 10_000 || !bytes.HasPrefix(whole.client, got.client) {
		t.Errorf("%d bytes, %v, %+v", len(got.client), err, summary)
	}
	var out bytes.Buffer
	packets, err := extract.Packets(context.Background(), []string{plain}, nil, extract.Options{}, &out)
	if err != nil || packets.Damage == nil || packets.Packets == 0 {
		t.Errorf("%v, %+v", err, packets)
	}
}

// TestStopped: the end of the context ends it, with its cause.
func TestStopped(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(enough)
	_, err := extract.Packets(ctx, []string{twoPaths}, nil, extract.Options{}, &bytes.Buffer{})
	if !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
	_, err = extract.Stream(ctx, []string{twoPaths}, nil, extract.StreamOptions{Client: true}, func(*extract.Part) error { return nil })
	if !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
	_, err = extract.Stream(context.Background(), []string{twoPaths}, nil, extract.StreamOptions{Client: true}, func(*extract.Part) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
}
