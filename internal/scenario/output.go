package scenario

import "sync"

// output keeps the last of what a command writes.
type output struct {
	mu   sync.Mutex
	text []byte
}

const maxOutput = 16 << 10 // bytes

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b...)
	if extra := len(o.text) - maxOutput; extra > 0 {
		o.text = append(o.text[:0], o.text[extra:]...)
	}
	return len(b), nil
}

// String is the last that was written, at most 16 KiB.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}
