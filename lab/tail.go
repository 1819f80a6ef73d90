package lab

import (
	"strings"
	"sync"
)

// tail keeps the last of what is written to it.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

const (
	tailBytes  = 16 << 10
	quoteLines = 5
)

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, b...)
	if extra := len(t.bytes) - tailBytes; extra > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.bytes)
}

// quoted gives the last lines for an error.
func (t *tail) quoted() string {
	lines := strings.Split(strings.TrimSpace(t.String()), "\n")
	if lines[0] == "" {
		return ", and wrote nothing"
	}
	return "; it wrote: " + strings.Join(lines[max(0, len(lines)-quoteLines):], " / ")
}
