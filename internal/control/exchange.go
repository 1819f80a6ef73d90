package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// What an answer may have, in bytes.
const (
	mostBody    = 256 << 20 // some 100,000 connections
	mostFailure = 64 << 10
	mostEvent   = 64 << 10
)

// exchange is a request that is being answered.
type exchange struct {
	question
	socket string
	ctx    context.Context
	conn   net.Conn
	in     *bufio.Reader
	head   head
	timer  *time.Timer // that ends it
	undo   []func()
}

var errSlow = errors.New("no answer in time: allroadsd is stopped or very busy: systemctl status allroadsd")

// begin sends a request, and reads the answer up to its body. An answer that is not one of
// success is an error.
func (c *Client) begin(ctx context.Context, q question) (*exchange, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	e := &exchange{question: q, socket: c.Socket, ctx: ctx}
	e.timer = time.AfterFunc(c.patience(), func() { cancel(errSlow) })
	e.undo = []func(){func() { e.timer.Stop(); cancel(nil) }}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", c.Socket)
	if err != nil {
		defer e.close()
		return nil, e.unreached(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	e.conn, e.in = conn, bufio.NewReaderSize(conn, longestLine)
	e.undo = append(e.undo, func() { stop(); conn.Close() })
	if err := e.talk(); err != nil {
		defer e.close()
		return nil, e.explain(err)
	}
	return e, nil
}

// talk sends the request. Who is turned away has the answer before he asked; so the
// connection may be closed for writing, but not for reading.
func (e *exchange) talk() error {
	_, sent := fmt.Fprintf(e.conn, "%s /%s%s HTTP/1.0\r\nHost: allroadsd\r\n\r\n", e.method, Version, e.path)
	if sent != nil && !errors.Is(sent, syscall.EPIPE) && !errors.Is(sent, syscall.ECONNRESET) {
		return fmt.Errorf("send request: %w", sent)
	}
	var err error
	if e.head, err = readHead(e.in); err != nil {
		return err
	}
	if e.head.code == 200 {
		return nil
	}
	text, err := e.body(mostFailure)
	if err != nil {
		return err
	}
	return e.failed(text)
}

// body reads what is left of the answer, to its end.
func (e *exchange) body(most int64) ([]byte, error) {
	if e.head.length > most {
		return nil, fmt.Errorf("the answer has %d bytes, more than %d", e.head.length, most)
	}
	limit := most + 1
	if e.head.length >= 0 {
		limit = e.head.length
	}
	text, err := io.ReadAll(io.LimitReader(e.in, limit))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read answer: %w", err)
	case int64(len(text)) > most:
		return nil, fmt.Errorf("the answer has more than %d bytes", most)
	case int64(len(text)) < e.head.length:
		return nil, fmt.Errorf("read answer: %d of %d bytes: %w", len(text), e.head.length, io.ErrUnexpectedEOF)
	}
	return text, nil
}

// explain says why the exchange ended: for a time-out or a cancellation, that.
func (e *exchange) explain(err error) error {
	if cause := context.Cause(e.ctx); cause != nil {
		err = cause
	}
	if _, said := errors.AsType[*Failed](err); said || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("ask %s on %s: %w", e.head.whose(), e.socket, err)
}

func (e *exchange) close() {
	for _, undo := range e.undo {
		undo()
	}
}
