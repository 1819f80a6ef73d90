package unit

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzSettings: any file is read or refused, and what is read of a command is the same
// when it is written and read again, and when it is wrapped.
func FuzzSettings(f *testing.F) {
	random := newRandom()
	for range 100 {
		f.Add("[Service]\nExecStart=" + randomLine(random) + "\n")
	}
	f.Add("[Service]\nExecStart=/x \\")
	f.Add("[Service\n")
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := parseSettings("x", []byte(text))
		if err != nil {
			return
		}
		for _, s := range settings {
			if strings.ContainsAny(s.value, "\n\x00") {
				t.Fatalf("value %q", s.value)
			}
			commands, err := ParseCommands(s.value)
			if err != nil {
				continue
			}
			for _, c := range commands {
				checkWrap(t, c)
			}
		}
	})
}

func checkWrap(t *testing.T, c Command) {
	t.Helper()
	reread(t, c)
	for _, allroads := range []string{"/usr/bin/allroads", `/100% "all" roads`} {
		wrapped, err := c.Wrap(strings.ReplaceAll(allroads, `"`, ""), "--strategy", Notify)
		if err != nil {
			continue
		}
		again := reread(t, wrapped)
		words := again.Words()
		at := slices.Index(words, "--")
		if at < 0 || !slices.Equal(words[at+2:], c.Words()) || again.Prefix != c.Prefix {
			t.Fatalf("%q was wrapped as %q", c, wrapped)
		}
		if path := words[at+1]; path != c.Path && strings.ReplaceAll(path, "$$", "$") != c.Path {
			t.Fatalf("%q was wrapped as %q", c, wrapped)
		}
	}
}

// reread writes a command into a file and reads it there.
func reread(t *testing.T, c Command) Command {
	t.Helper()
	settings, err := parseSettings("x", []byte("[Service]\nExecStart="+c.String()+"\n"))
	if err != nil || len(settings) != 1 {
		t.Fatalf("%q: %v %v", c, settings, err)
	}
	again, err := ParseCommands(settings[0].value)
	if err != nil || len(again) != 1 {
		t.Fatalf("%q: %q %v", c, again, err)
	}
	if diff := cmp.Diff(c, again[0], cmp.AllowUnexported(Command{})); diff != "" {
		t.Fatalf("%q: %s", c, diff)
	}
	return again[0]
}
