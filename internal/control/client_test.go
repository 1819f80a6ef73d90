package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// answering listens, and gives every client the same words.
func answering(t testing.TB, words string, stay bool) *Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = http.ReadRequest(bufio.NewReader(c))
				_, _ = io.WriteString(c, words)
				if stay {
					_, _ = io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return &Client{Socket: socket}
}

func withBody(body string) string {
	return fmt.Sprintf("HTTP/1.0 200 OK\r\nServer: allroadsd/v2.0\x1b[2J\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// TestMisunderstood: what is not the answer that was asked for is never taken for it.
func TestMisunderstood(t *testing.T) {
	failure := `{"schema":"allroads.error/1","code":"%s","error":"a\u001b[31mb\nc"}`
	for words, want := range map[string]string{
		"":                                      "EOF",
		"SSH-2.0-OpenSSH_9.2\r\n":               "is it allroadsd that listens there?",
		"HTTP/1.0 200 OK":                       "unexpected EOF",
		"HTTP/1.0 200 OK\r\nA: b\r\n":           "EOF",
		"HTTP/2.0 200 OK\r\n\r\n{}":             "not an answer of HTTP",
		"HTTP/1.0 99 OK\r\n\r\n{}":              "not an answer of HTTP",
		"HTTP/1.0 200 OK\r\nno colon\r\n\r\n{}": "not an answer of HTTP",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": "transfer encoding",
		"HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n":                  `content length "-1"`,
		"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n":  `content length "2"`,
		"HTTP/1.0 200 OK\r\nContent-Length: 268435457\r\n\r\n":           "more than 268435456",
		"HTTP/1.0 200 OK\r\nA: " + strings.Repeat("x", 5000) + "\r\n":    "more than 4096 bytes",
		"HTTP/1.0 200 OK\r\n" + strings.Repeat("A: b\r\n", 100):          "more than 64 header lines",
		withBody(`{"schema":"allroads.status/1"}`)[:90]:                  "unexpected EOF",
		withBody(`[]`): "understand the answer of allroadsd v2.0?[2J",
		withBody(`{}`): "not one of schema allroads.status/1",
		withBody(`{"schema":"allroads.status/2"}`):                            "answers in allroads.status/2, and this program understands allroads.status/1",
		withBody(`{"schema":"allroads.status/1","pid":"x"}`):                  "understand the answer",
		"HTTP/1.0 500 No\r\n\r\nPage":                                         "HTTP status 500",
		"HTTP/1.0 404 No\r\n\r\n" + fmt.Sprintf(failure, "unknown-path"):      "of another version",
		"HTTP/1.0 403 No\r\n\r\n" + fmt.Sprintf(failure, "forbidden"):         "a?[31mb\nc",
		"HTTP/1.0 503 No\r\n\r\n" + strings.Repeat("x", mostFailure+1):        "more than 65536 bytes",
		"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n" + `{"schema":"allroa`: "17 of 99 bytes",
	} {
		client := answering(t, words, false)
		_, err := client.Status(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%.60q: %v, want %s", words, err, want)
		}
	}
	answer, err := answering(t, withBody(`{"schema":"allroads.status/1","pid":5,"new":1}`), false).Status(t.Context())
	if err != nil || answer.Value.PID != 5 || !strings.Contains(string(answer.JSON), `"new":1`) {
		t.Errorf("with a new field: %v, %s", err, answer.JSON)
	}
}

func TestUnreached(t *testing.T) {
	folder := t.TempDir()
	dead := filepath.Join(folder, "dead")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	for socket, want := range map[string]string{
		filepath.Join(folder, "none"): "no such file or directory: is allroadsd running? systemctl status allroadsd",
		dead:                          "connection refused: allroadsd is not running any more",
		strings.Repeat("x", 200):      "invalid argument",
	} {
		_, err := (&Client{Socket: socket}).Status(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "connect to "+socket+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	e := exchange{socket: dead, ctx: t.Context()}
	if err := e.unreached(os.NewSyscallError("connect", syscall.EACCES)); !strings.Contains(err.Error(), "you are not in group allroads") || !errors.Is(err, syscall.EACCES) {
		t.Error(err)
	}
	_ = os.Chmod(dead, 0o600)
	if err := e.unreached(syscall.EACCES); !strings.Contains(err.Error(), "only root") {
		t.Error(err)
	}
}

// TestSilence: an allroadsd that says nothing, or not all, is not waited for.
func TestSilence(t *testing.T) {
	for _, words := range []string{"", "HTTP/1.0 200 OK\r\n", "HTTP/1.0 200 OK\r\n\r\n{"} {
		client := answering(t, words, true)
		client.Patience = 50 * time.Millisecond
		if _, err := client.Paths(t.Context()); !errors.Is(err, errSlow) {
			t.Errorf("%q: %v", words, err)
		}
		client.Patience = time.Hour
		why := errors.New("Ctrl-C")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
		if _, err := client.Paths(ctx); !errors.Is(err, why) {
			t.Errorf("%q: %v", words, err)
		}
	}
}

func TestEvents(t *testing.T) {
	line := `{"schema":"allroads.event/1","kind":"rule","text":"` + strings.Repeat("x", 9000) + `"}` + "\n"
	words := "HTTP/1.0 200 OK\r\n\r\n" + line + line
	read := func(c *Client, follow bool) (n int, last error) {
		c.Patience = 50 * time.Millisecond
		for answer, err := range c.Events(t.Context(), follow) {
			if last = err; err == nil && answer.Value.Kind == "rule" {
				n++
			}
		}
		return n, last
	}
	if n, err := read(answering(t, words, false), false); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := read(answering(t, words, false), true); n != 2 || !errors.Is(err, ErrEnded) {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := read(answering(t, words[:len(words)-9], false), false); n != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("torn: %d, %v", n, err)
	}
	if n, err := read(answering(t, words+strings.Repeat("x", mostEvent+1), false), true); n != 2 || err == nil {
		t.Errorf("long: %d, %v", n, err)
	}
}

// FuzzAnswer: what is accepted is an answer to net/http, too, and means the same.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(withBody("{}")))
	f.Add([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("HTTP/1.0 200 OK\nA:b\n\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		e := exchange{in: bufio.NewReaderSize(bytes.NewReader(text), longestLine), ctx: t.Context()}
		var err error
		if e.head, err = readHead(e.in); err != nil {
			return
		}
		body, err := e.body(mostFailure)
		if err != nil || e.head.code == 204 || e.head.code == 304 { // These have no body, whatever comes.
			return
		}
		answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), nil)
		if err != nil {
			return // It is stricter about the letters of header names.
		}
		theirs, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != e.head.code || !bytes.Equal(theirs, body) {
			t.Errorf("%d %q, net/http: %d %q, %v", e.head.code, body, answer.StatusCode, theirs, err)
		}
		_ = e.check(body)
		_ = e.failed(body)
	})
}
