package sketch_test

import (
	"testing"

	"allroads/internal/sketch"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "\x1b[32mok\x1b[0m 1": 4, "a → b": 5, "漢字": 4, "\x1b[1m": 0} {
		if got := sketch.Visible(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}
