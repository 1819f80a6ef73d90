package page_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// browser is a Chromium of its own, driven by the DevTools protocol over two pipes
// (https://chromedevtools.github.io/devtools-protocol/).
type browser struct {
	requests io.Writer

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	events  []event
	closed  error
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type event struct {
	Method string
	Params json.RawMessage
}

// patience is how long an answer may take on a busy machine.
const patience = 60 * time.Second

// read takes what the browser says: messages of JSON, each ended by a zero byte.
func (b *browser) read(from io.Reader) {
	r := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := r.ReadBytes(0)
		if err != nil {
			b.end(err)
			return
		}
		var message struct {
			ID int
			event
			reply
		}
		if err := json.Unmarshal(text[:len(text)-1], &message); err != nil {
			b.end(err)
			return
		}
		b.mu.Lock()
		if message.ID == 0 {
			b.events = append(b.events, message.event)
		} else {
			b.waiting[message.ID] <- message.reply
			delete(b.waiting, message.ID)
		}
		b.mu.Unlock()
	}
}

func (b *browser) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = err
	for _, waiting := range b.waiting {
		close(waiting)
	}
}

// call asks for something, of a page when a session is named, and reads the answer
// into result unless that is nil.
func (b *browser) call(session, method string, params, result any) error {
	answer := make(chan reply, 1)
	b.mu.Lock()
	if b.closed != nil {
		b.mu.Unlock()
		return b.closed
	}
	b.next++
	id := b.next
	b.waiting[id] = answer
	b.mu.Unlock()
	if params == nil {
		params = struct{}{}
	}
	text, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": session})
	if session == "" {
		text, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	}
	if err != nil {
		return err
	}
	if _, err := b.requests.Write(append(text, 0)); err != nil {
		return err
	}
	select {
	case got, ok := <-answer:
		switch {
		case !ok:
			return errors.New("the browser is gone")
		case got.Error != nil:
			return fmt.Errorf("%s: %s", method, got.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(got.Result, result)
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer", method)
	}
}

// heard are the events so far with one of some names.
func (b *browser) heard(methods ...string) (list []event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		for _, method := range methods {
			if e.Method == method {
				list = append(list, e)
			}
		}
	}
	return list
}
