package unit

import (
	"fmt"
	"strings"
)

// Command is one of the commands that a service executes (systemd.service(5),
// COMMAND LINES). Its words are as they are written: specifiers and variables are not
// replaced.
type Command struct {
	Prefix string // of -:+!| those that are there; not @
	Path   string // of the program, absolute or a name alone; without quotes
	Argv0  string // as it is written, with @ only
	Rest   string // the arguments as they are written
	given  bool   // Argv0 is given
}

// ParseCommands reads the value of an ExecStart= or the like. It may hold several
// commands with semicolons between them.
func ParseCommands(value string) (commands []Command, err error) {
	if escapes(value) { // A space was behind it. Doubled it means the same, and does not go on in another line.
		value += `\`
	}
	for rest := value; strings.Trim(rest, whitespace) != ""; {
		var c Command
		var empty bool
		if c, rest, empty, err = parseCommand(rest); err != nil {
			return nil, fmt.Errorf("read command %q: %w", value, err)
		}
		if !empty {
			commands = append(commands, c)
		}
	}
	return commands, nil
}

// parseCommand reads the first command of a text.
func parseCommand(text string) (c Command, rest string, empty bool, err error) {
	first, _, rest, _, err := nextWord(text)
	if err != nil || first == ";" {
		return Command{}, rest, true, err
	}
	c.Prefix, c.Path, c.given = splitPrefix(first)
	if err := c.checkPath(); err != nil {
		return Command{}, "", false, err
	}
	if c.given {
		if rest, err = c.takeName(rest); err != nil {
			return Command{}, "", false, err
		}
	}
	c.Rest, rest, err = splitArguments(rest)
	return c, rest, false, err
}

// takeName reads the name that the program is given with @.
func (c *Command) takeName(text string) (rest string, err error) {
	if isSeparated(text, `\;`) {
		c.Argv0 = `";"`
		return strings.TrimLeft(text[2:], whitespace), nil
	}
	_, raw, rest, more, err := nextWord(text)
	if err == nil && (!more || raw == ";") {
		err = fmt.Errorf("@ without a name for the program")
	}
	c.Argv0 = raw
	return rest, err
}

// splitArguments takes words up to a semicolon that stands alone.
func splitArguments(text string) (arguments, rest string, err error) {
	for rest = text; rest != ""; {
		if isSeparated(rest, ";") {
			return strings.TrimRight(text[:len(text)-len(rest)], whitespace), strings.TrimLeft(rest[1:], whitespace), nil
		}
		if isSeparated(rest, `\;`) { // a semicolon, as an argument
			rest = strings.TrimLeft(rest[2:], whitespace)
			continue
		}
		if _, _, rest, _, err = nextWord(rest); err != nil {
			return "", "", err
		}
	}
	return strings.TrimRight(text, whitespace), "", nil
}

// isSeparated reports whether a text begins with a word.
func isSeparated(text, word string) bool {
	rest, is := strings.CutPrefix(text, word)
	return is && (rest == "" || strings.IndexByte(whitespace, rest[0]) >= 0)
}

// splitPrefix takes the special characters off a program's path.
func splitPrefix(word string) (prefix, path string, argv0 bool) {
	seen := ""
	for ; word != ""; word = word[1:] {
		c := word[0]
		switch {
		case strings.IndexByte("-:@|", c) >= 0 && strings.IndexByte(seen, c) < 0:
		case c == '+' && !strings.ContainsAny(seen, "+!"):
		case c == '!' && !strings.Contains(seen, "+") && strings.Count(seen, "!") < 2:
		default:
			return strings.ReplaceAll(seen, "@", ""), word, strings.Contains(seen, "@")
		}
		seen += string(c)
	}
	return strings.ReplaceAll(seen, "@", ""), "", strings.Contains(seen, "@")
}

// checkPath refuses what systemd would, or what cannot be wrapped.
func (c *Command) checkPath() error {
	switch {
	case c.Path == "" && strings.Contains(c.Prefix, "|"):
		return fmt.Errorf("it is the user's shell, whose name systemd finds out when it starts it")
	case c.Path == "" || strings.HasSuffix(c.Path, "/"):
		return fmt.Errorf("it has no program")
	case strings.ContainsFunc(c.Path, func(r rune) bool { return r < ' ' || strings.ContainsRune("\\\"'\x7f", r) }):
		return fmt.Errorf("its program %q has special characters", c.Path)
	case c.Path[0] != '/' && c.Path[0] != '%' && strings.Contains(c.Path, "/"):
		return fmt.Errorf("its program %q is neither a name nor an absolute path", c.Path)
	}
	return nil
}

// String is the command as a value of ExecStart=.
func (c Command) String() string {
	first := c.Prefix
	if c.given {
		first = c.Prefix + "@"
	}
	return joinWords(quoted(first+c.Path), c.Argv0, c.Rest)
}

func joinWords(words ...string) string {
	var filled []string
	for _, word := range words {
		if word != "" {
			filled = append(filled, word)
		}
	}
	return strings.Join(filled, " ")
}

// Words splits arguments as systemd does before it replaces anything.
func (c Command) Words() (words []string) {
	for rest := c.Rest; rest != ""; {
		if isSeparated(rest, `\;`) {
			words, rest = append(words, ";"), strings.TrimLeft(rest[2:], whitespace)
			continue
		}
		word, _, next, more, err := nextWord(rest)
		if err != nil || !more {
			break // Cannot be: it was read before.
		}
		words, rest = append(words, word), next
	}
	return words
}
