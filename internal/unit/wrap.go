package unit

import (
	"fmt"
	"strings"
)

// Wrap returns the command that has allroads become the one of c, with options of
// `allroads run`. What systemd replaces in c, it replaces in the result, and nothing
// else.
func (c Command) Wrap(allroads string, options ...string) (Command, error) {
	path := c.Path
	expands := !strings.Contains(c.Prefix, ":")
	if expands {
		path = strings.ReplaceAll(path, "$", "$$") // An argument has variables, a program's path has none.
	}
	words := append([]string{"run", "--exec"}, options...)
	if c.given {
		if expands && isVariable(c.Argv0) {
			return Command{}, fmt.Errorf("wrap command %q: the name that @ gives the program is a variable that may hold several words", c)
		}
		words = append(words, "--argv0="+c.Argv0)
	}
	words = append(words, "--", quoted(path), c.Rest)
	wrapped := c
	wrapped.Path = strings.ReplaceAll(allroads, "%", "%%")
	wrapped.Argv0, wrapped.given = "", false
	wrapped.Rest = joinWords(words...)
	return wrapped, nil
}

// isVariable reports whether systemd replaces a word by the words of a variable.
func isVariable(raw string) bool {
	word, _, _, _, err := nextWord(raw)
	return err == nil && len(word) > 1 && word[0] == '$' && word[1] != '{' && word[1] != '$'
}
