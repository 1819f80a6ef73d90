package daemon

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestJournal: where the file is the journal's, each line begins with its priority and
// has no time of its own; elsewhere it has one.
func TestJournal(t *testing.T) {
	for _, ours := range []bool{true, false} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		info, err := w.Stat()
		if err != nil {
			t.Fatal(err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", stat.Dev, stat.Ino))
		if !ours {
			t.Setenv("JOURNAL_STREAM", "1:1")
		}
		log := newLog(w, slog.LevelInfo).With("namespace", "host").WithGroup("g")
		log.Debug("not told")
		log.Info("one", "time", 1)
		log.Warn("two")
		log.Error("three")
		w.Close()
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		want := "<6>msg=one namespace=host g.time=1\n<4>msg=two namespace=host\n<3>msg=three namespace=host\n"
		if got := string(text); ours && got != want || !ours && (strings.HasPrefix(got, "<") || !strings.HasPrefix(got, "time=")) {
			t.Errorf("ours %t: %q, want %q", ours, got, want)
		}
	}
}

func TestLevels(t *testing.T) {
	for word, want := range map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got, err := parseLevel(word); err != nil || got != want {
			t.Errorf("%s: %v, %v", word, got, err)
		}
	}
	if _, err := parseLevel("loud"); err == nil {
		t.Error("loud is a level")
	}
}
