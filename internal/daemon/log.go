package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// newLog writes lines of key=value. Where standard error is the journal's, each begins
// with its priority, as sd-daemon(3) has it, and the time is left to the journal.
func newLog(out io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if !isJournal(out) {
		return slog.New(slog.NewTextHandler(out, options))
	}
	options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}
	shared := &journal{out: out}
	return slog.New(&priorities{Handler: slog.NewTextHandler(&shared.line, options), journal: shared})
}

// isJournal compares a file with what JOURNAL_STREAM names (systemd.exec(5)).
func isJournal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("JOURNAL_STREAM") == "" {
		return false
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return false
	}
	return os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// journal is where lines with priorities go.
type journal struct {
	mutex sync.Mutex
	line  bytes.Buffer
	out   io.Writer
}

// priorities puts the priority before each line.
type priorities struct {
	slog.Handler
	journal *journal
}

func (p *priorities) Handle(ctx context.Context, r slog.Record) error {
	p.journal.mutex.Lock()
	defer p.journal.mutex.Unlock()
	p.journal.line.Reset()
	fmt.Fprintf(&p.journal.line, "<%d>", priority(r.Level))
	if err := p.Handler.Handle(ctx, r); err != nil {
		return err
	}
	_, err := p.journal.out.Write(p.journal.line.Bytes())
	return err
}

func (p *priorities) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &priorities{p.Handler.WithAttrs(attrs), p.journal}
}

func (p *priorities) WithGroup(name string) slog.Handler {
	return &priorities{p.Handler.WithGroup(name), p.journal}
}

// priority is that of syslog(3).
func priority(level slog.Level) int {
	switch {
	case level >= slog.LevelError:
		return 3
	case level >= slog.LevelWarn:
		return 4
	case level >= slog.LevelInfo:
		return 6
	}
	return 7
}

func parseLevel(word string) (level slog.Level, err error) {
	if err := level.UnmarshalText([]byte(strings.ToUpper(word))); err != nil {
		return 0, fmt.Errorf("--log-level %s: debug, info, warn or error", word)
	}
	return level, nil
}
