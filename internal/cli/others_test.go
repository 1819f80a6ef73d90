package cli

import (
	"slices"
	"strings"
	"testing"
)

// TestOthers: the words that are no abbreviation of the path manager's are all commands
// besides; "e" and "en" stay
// endpoint.
func TestOthers(t *testing.T) {
	var besides []string
	for _, command := range newRoot().Commands() {
		name := command.Name()
		ours := slices.ContainsFunc(pathManagerCommands, func(p pathManagerCommand) bool { return p.name == name })
		if !ours && !command.Hidden && !strings.HasPrefix(name, "e") {
			besides = append(besides, name)
		}
	}
	for _, name := range []string{"completion", "help"} { // cobra adds them when it runs
		if !slices.Contains(besides, name) {
			besides = append(besides, name)
		}
	}
	slices.Sort(besides)
	if !slices.Equal(besides, others) {
		t.Errorf("others are %v, the commands are %v", others, besides)
	}
	for word, want := range map[string]bool{"e": true, "en": true, "ena": false, "endp": true, "an": false, "ann": true, "w": true, "l": false, "li": true} {
		if got := isPathManagers(word); got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}
