package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// ErrEnded is that there will be no more events.
var ErrEnded = errors.New("allroadsd has ended, or was restarted")

// Events are those that allroadsd still knows, the oldest first; with follow also those to
// come, until the context ends, or allroadsd does: an error that wraps ErrEnded. The JSON
// of an answer is good until the next.
func (c *Client) Events(ctx context.Context, follow bool) iter.Seq2[Answer[Event], error] {
	return func(yield func(Answer[Event], error) bool) {
		q := question{"GET", "/events", EventSchema}
		if follow {
			q.path += "?follow"
		}
		e, err := c.begin(ctx, q)
		if err != nil {
			yield(Answer[Event]{}, err)
			return
		}
		defer e.close()
		if follow {
			e.timer.Stop() // Nothing may happen for days.
		}
		for {
			answer, err := e.event(follow)
			if err == nil && answer.JSON == nil || !yield(answer, err) || err != nil {
				return
			}
		}
	}
}

// event reads one. Without JSON there is none any more.
func (e *exchange) event(follow bool) (answer Answer[Event], err error) {
	answer.JSON, err = e.line()
	if errors.Is(err, io.EOF) {
		if follow {
			return answer, fmt.Errorf("follow the events of %s on %s: %w", e.head.whose(), e.socket, ErrEnded)
		}
		return Answer[Event]{}, nil
	}
	if err != nil {
		return answer, e.explain(fmt.Errorf("read event: %w", err))
	}
	if err := e.check(answer.JSON); err != nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.JSON, &answer.Value); err != nil {
		return answer, fmt.Errorf("understand an event of %s on %s: %w", e.head.whose(), e.socket, err)
	}
	return answer, nil
}

// line reads one of at most mostEvent bytes. The error is io.EOF only between two lines.
func (e *exchange) line() ([]byte, error) {
	var line []byte
	for {
		part, err := e.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > mostEvent:
			return nil, fmt.Errorf("it has more than %d bytes", mostEvent)
		case err == nil:
			return bytes.TrimSpace(line), nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
