package scenario

import (
	"encoding/binary"
	"math/rand/v2"
)

// content is what a send sends: a text over and over, or random bytes.
type content struct {
	text   string
	at     int // in text
	random *rand.ChaCha8
}

// newContent makes content that is the same each time for the same seed and
// number.
func newContent(text string, seed, number uint64) *content {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	binary.BigEndian.PutUint64(key[8:], number)
	return &content{text: text, random: rand.NewChaCha8(key)}
}

// fill puts the next bytes into b.
func (c *content) fill(b []byte) {
	if c.text == "" {
		_, _ = c.random.Read(b) // It has no errors.
		return
	}
	for n := 0; n < len(b); {
		copied := copy(b[n:], c.text[c.at:])
		n, c.at = n+copied, (c.at+copied)%len(c.text)
	}
}
