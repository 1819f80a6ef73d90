package extract

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"allroads/trace"
)

// piece is a part of a stream as a packet brings it.
type piece struct{ low, high int }

// streamOf makes a stream whose bytes say where they are.
func streamOf(n int) []byte {
	stream := make([]byte, n)
	for i := range stream {
		stream[i] = byte(i) ^ byte(i>>8)*31 | 1 // never 0, as holes are
	}
	return stream
}

// model is what is right: which bytes there are, one by one.
func model(stream []byte, pieces []piece, end int, policy Holes) (want []byte, missing int) {
	seen := make([]bool, len(stream))
	for _, p := range pieces {
		for i := p.low; i < p.high; i++ {
			seen[i] = true
		}
	}
	for end < len(stream) && seen[end] {
		end++ // on its way, with nothing missing in front
	}
	for i := range end {
		switch {
		case seen[i]:
			want = append(want, stream[i])
		case policy == HolesStop:
			return want, 1
		default:
			if missing++; policy == HolesZero {
				want = append(want, 0)
			}
		}
	}
	return want, missing
}

// assemble puts pieces together. delivered is what the other side had.
func assemble(t testing.TB, stream []byte, pieces []piece, delivered, memory int, policy Holes) {
	t.Helper()
	e := &extents{}
	for _, p := range pieces {
		e.Piece(&trace.Piece{Offset: int64(p.low), Length: p.high - p.low, Data: stream[p.low:p.high]})
	}
	e.Over(&trace.Extent{Delivered: int64(delivered)})
	e.sides[0].bound(false)
	var got []byte
	a := newAssembly(e, StreamOptions{Client: true, Holes: policy}, func(p *Part) error {
		if policy != HolesSkip && p.Offset != int64(len(got)) {
			t.Fatalf("byte %d comes as byte %d", p.Offset, len(got))
		}
		got = append(got, p.Data...)
		return nil
	})
	defer a.close()
	a.sides[0].waiting.limit = memory
	for _, p := range pieces {
		a.Piece(&trace.Piece{Offset: int64(p.low), Length: p.high - p.low, Data: stream[p.low:p.high]})
	}
	ends, err := a.finish(context.Background())
	var holes *HolesError
	want, missing := model(stream, pieces, delivered, policy)
	switch {
	case policy == HolesStop && missing > 0 != errors.As(err, &holes), policy != HolesStop && err != nil:
		t.Fatalf("%d bytes are missing, error %v", missing, err)
	case !bytes.Equal(got, want):
		t.Fatalf("%d bytes, want %d: the first that differs is %d", len(got), len(want), differ(got, want))
	case ends[0].Bytes != int64(len(want)):
		t.Fatalf("%d bytes are told, %d were written", ends[0].Bytes, len(want))
	}
	if policy != HolesStop && total(ends[0].Holes) != missing {
		t.Fatalf("holes %v, want %d bytes", ends[0].Holes, missing)
	}
	if w := &a.sides[0].waiting; a.err == nil && (len(w.parts) > 0 && policy != HolesStop || w.memory < 0) {
		t.Fatalf("%d parts wait in the end, in %d bytes", len(w.parts), w.memory)
	}
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func total(holes []Range) (n int) {
	for _, hole := range holes {
		n += int(hole.High - hole.Low)
	}
	return n
}

var policies = []Holes{HolesStop, HolesZero, HolesSkip}

// TestSequenceAtRandom has pieces in any order, twice and overlapping, and some not at
// all, with less memory than they take.
func TestSequenceAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		stream := streamOf(1 + random.IntN(5000))
		var pieces []piece
		for range random.IntN(40) {
			low := random.IntN(len(stream))
			pieces = append(pieces, piece{low, low + random.IntN(min(700, len(stream)-low)+1)})
		}
		if random.IntN(2) == 0 { // all of it
			for low := 0; low < len(stream); low += 300 {
				pieces = append(pieces, piece{low, min(low+300, len(stream))})
			}
			random.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		}
		memory := []int{0, 500, maxMemory}[random.IntN(3)]
		for _, policy := range policies {
			assemble(t, stream, pieces, random.IntN(len(stream)+1), memory, policy)
		}
	}
}

// FuzzSequence reads pieces from the input: where each begins and how long it is.
func FuzzSequence(f *testing.F) {
	f.Add([]byte{4, 4, 0, 4, 2, 4}, uint16(8), uint16(0))
	f.Add([]byte{0, 4, 8, 4}, uint16(12), uint16(3))
	f.Fuzz(func(t *testing.T, input []byte, delivered, memory uint16) {
		stream := streamOf(512)
		var pieces []piece
		for one := range slices.Chunk(input, 2) {
			if len(one) == 2 {
				low := 2 * int(one[0])
				pieces = append(pieces, piece{low, min(low+int(one[1]), len(stream))})
			}
		}
		for _, policy := range policies {
			assemble(t, stream, pieces, int(delivered)%len(stream), int(memory)%600, policy)
		}
	})
}

// TestSpilled: what waits in front of a byte that comes last goes to a file, and comes
// back.
func TestSpilled(t *testing.T) {
	stream := streamOf(3 * maxMemory / 2)
	var pieces []piece
	for low := 1; low < len(stream); low += 60_000 {
		pieces = append(pieces, piece{low, min(low+60_000, len(stream))})
	}
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	assemble(t, stream, append(pieces, piece{0, 1}), len(stream), maxMemory, HolesStop)
}
