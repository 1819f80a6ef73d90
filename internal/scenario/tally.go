package scenario

import (
	"crypto/sha256"
	"hash"
	"sync"
	"time"
)

// tally is what one end has sent or received. It is safe for concurrent use.
type tally struct {
	mu          sync.Mutex
	hash        hash.Hash
	bytes       uint64
	last        time.Time     // when some came
	gap         time.Duration // the longest between two times
	over        bool          // no more is to come
	interrupted time.Time     // when it was cut short
}

func newTally() *tally { return &tally{hash: sha256.New()} }

func (t *tally) add(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.bytes > 0 {
		t.gap = max(t.gap, now.Sub(t.last))
	}
	t.hash.Write(b)
	t.bytes, t.last = t.bytes+uint64(len(b)), now
}

// end notes that nothing more comes: because all has come, or not.
func (t *tally) end(all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if !all {
		t.interrupted = time.Now()
	}
}

func (t *tally) count() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes
}

func (t *tally) sum() (sum [sha256.Size]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return [sha256.Size]byte(t.hash.Sum(nil))
}

// longestGap is the longest time in which nothing came, from the first byte on:
// to the last one when all has come, else until it was cut short, or now. There
// is none when nothing has come.
func (t *tally) longestGap() (gap time.Duration, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.bytes == 0:
		return 0, false
	case !t.over:
		return max(t.gap, time.Since(t.last)), true
	case !t.interrupted.IsZero():
		return max(t.gap, t.interrupted.Sub(t.last)), true
	}
	return t.gap, true
}
