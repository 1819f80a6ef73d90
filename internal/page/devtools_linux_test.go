package page_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
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

// openBrowser starts Chromium, and ends it with all its children after the test.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		netnstest.Missing(t, "chromium (Debian's package chromium)")
	}
	theirs, requests := pipe(t)
	replies, theirOut := pipe(t)
	home := t.TempDir()
	command := exec.Command(program, "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage",
		"--disable-breakpad", "--disable-crash-reporter", "--disable-background-networking", "--disable-component-update",
		"--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb", "--font-render-hinting=none",
		"--user-data-dir="+home, "--remote-debugging-pipe", "about:blank")
	command.ExtraFiles = []*os.File{theirs, theirOut}
	command.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	theirOut.Close()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait()
		waitGone(t, home)
		requests.Close()
		replies.Close()
	})
	b := &browser{requests: requests, waiting: map[int]chan reply{}}
	go b.read(replies)
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

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

// waitGone waits until no process has the folder among its arguments: it is about to
// be removed.
func waitGone(t *testing.T, folder string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := 0
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, line := range lines {
			if text, err := os.ReadFile(line); err == nil && strings.Contains(string(text), folder) {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%d processes of the browser are left", left)
			return
		}
	}
}
