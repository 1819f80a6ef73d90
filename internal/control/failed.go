package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unicode"
)

// Failed is that allroadsd has said no.
type Failed struct {
	Status int // of HTTP
	Code   Code
	Text   string // may have several lines
}

func (f *Failed) Error() string {
	lines := strings.Split(strings.TrimSpace(f.Text), "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// failed is what an answer that is not one of success means.
func (e *exchange) failed(text []byte) error {
	var f Failure
	if err := json.Unmarshal(text, &f); err != nil || !isSchema(f.Schema, FailureSchema) {
		return fmt.Errorf("the answer is HTTP status %d: is it allroadsd that listens there?", e.head.code)
	}
	if f.Code == CodePath {
		return fmt.Errorf("it does not know /%s%s: it is of another version than this program", Version, e.path)
	}
	return &Failed{e.head.code, f.Code, f.Error}
}

// check holds an answer's schema against the one that is understood.
func (e *exchange) check(text []byte) error {
	var is struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &is); err != nil {
		return fmt.Errorf("understand the answer of %s on %s: %w", e.head.whose(), e.socket, err)
	}
	switch {
	case is.Schema == e.schema:
		return nil
	case isSchema(is.Schema, e.schema):
		return fmt.Errorf("%s on %s answers in %s, and this program understands %s: use both of one version",
			e.head.whose(), e.socket, printable(is.Schema), e.schema)
	}
	return fmt.Errorf("ask %s on %s: the answer is not one of schema %s: is it allroadsd that listens there?",
		e.head.whose(), e.socket, e.schema)
}

// isSchema reports whether two schemas have one name, of whatever version.
func isSchema(a, b string) bool {
	a, _, _ = strings.Cut(a, "/")
	b, _, _ = strings.Cut(b, "/")
	return a == b
}

// unreached says why there is no connection, and what to do.
func (e *exchange) unreached(err error) error {
	if cause := context.Cause(e.ctx); cause != nil {
		err = cause
	}
	reason, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return fmt.Errorf("connect to %s: %w", e.socket, err)
	}
	hint := ""
	switch reason {
	case syscall.ENOENT:
		hint = ": is allroadsd running? systemctl status allroadsd"
	case syscall.ECONNREFUSED:
		hint = ": allroadsd is not running any more: systemctl status allroadsd"
	case syscall.EACCES:
		hint = ": " + e.closed()
	case syscall.EAGAIN:
		hint = ": too many clients wait: allroadsd is stopped or very busy"
	}
	return fmt.Errorf("connect to %s: %w%s", e.socket, reason, hint)
}

// closed says who may use the socket. Its mode has no group where there is none.
func (e *exchange) closed() string {
	if info, err := os.Stat(e.socket); err == nil && info.Mode().Perm()&0o060 == 0 {
		return "only root may ask it: run this as root"
	}
	return "you are not in group " + Group + ": run this as root, or join it (usermod -aG " + Group + " NAME) and log in again"
}

// printable keeps what somebody else has written from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
