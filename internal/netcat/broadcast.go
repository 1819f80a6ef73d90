package netcat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// broadcast sends one input to all connections that are open. It is read at the
// pace of the slowest, and not at all while there are none; who comes later gets
// what is read from then on. When it has ended, it has for all.
type broadcast struct {
	input io.Reader

	mu      sync.Mutex
	changed sync.Cond // of members, ended or closed
	members []*member
	ended   bool // the input has
	closed  bool
}

func newBroadcast(input io.Reader) *broadcast {
	b := &broadcast{input: input}
	b.changed.L = &b.mu
	return b
}

// run reads until the input ends or nobody needs it any more.
func (b *broadcast) run(fail context.CancelCauseFunc) {
	widen(b.input)
	for b.await() {
		piece := make([]byte, smallChunk) // Members may still be sending the one before.
		n, err := b.input.Read(piece)
		for _, m := range b.present() {
			m.give(piece[:n])
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				fail(fmt.Errorf("read what to send: %w", err))
			}
			b.end()
			return
		}
	}
}

// await waits until somebody is there.
func (b *broadcast) await() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.members) == 0 && !b.closed {
		b.changed.Wait()
	}
	return !b.closed
}

func (b *broadcast) present() []*member {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.members)
}

func (b *broadcast) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	for _, m := range b.members {
		close(m.pieces)
	}
}

func (b *broadcast) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.changed.Broadcast()
}

// join makes a reader of the input, to be closed.
func (b *broadcast) join() *member {
	m := &member{of: b, pieces: make(chan []byte), left: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		close(m.pieces)
		return m
	}
	b.members = append(b.members, m)
	b.changed.Broadcast()
	return m
}

// member is the input as one connection sees it.
type member struct {
	of     *broadcast
	pieces chan []byte
	rest   []byte
	left   chan struct{}
}

func (m *member) give(piece []byte) {
	select {
	case m.pieces <- piece:
	case <-m.left:
	}
}

func (m *member) Read(b []byte) (int, error) {
	for len(m.rest) == 0 {
		select {
		case piece, ok := <-m.pieces:
			if !ok {
				return 0, io.EOF
			}
			m.rest = piece
		case <-m.left:
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(b, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func (m *member) Close() error {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.members = slices.DeleteFunc(m.of.members, func(o *member) bool { return o == m })
	close(m.left)
	return nil
}
