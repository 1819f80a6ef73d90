package bothends

import (
	"math/rand/v2"
	"testing"
)

// TestHashesAddUp: those of pieces, cut anywhere, to that of the whole; and any other
// byte, or two that are swapped, make another hash.
func TestHashesAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := make([]byte, 1+random.IntN(200))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		first := random.Uint32() >> 1
		whole := payloadHash(first, b)
		var sum uint64
		for at := 0; at < len(b); {
			n := 1 + random.IntN(len(b)-at)
			sum = plus(sum, payloadHash(first+uint32(at), b[at:at+n]))
			at += n
		}
		if sum != whole {
			t.Fatalf("%x from %d: %x in pieces, %x in one", b, first, sum, whole)
		}
		i, j := random.IntN(len(b)), random.IntN(len(b))
		b[i] ^= 1 << random.IntN(8)
		if payloadHash(first, b) == whole {
			t.Fatalf("%x from %d: another byte makes no difference", b, first)
		}
		altered := payloadHash(first, b)
		if b[i] != b[j] {
			b[i], b[j] = b[j], b[i]
			if payloadHash(first, b) == altered {
				t.Fatalf("%x from %d: swapped bytes make no difference", b, first)
			}
		}
	}
}

func BenchmarkPayloadHash(b *testing.B) {
	data := make([]byte, 1420)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		payloadHash(12345, data)
	}
}
