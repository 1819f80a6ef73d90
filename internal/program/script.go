package program

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Of the kernel: how much of a file's beginning it looks at (BINPRM_BUF_SIZE of
// linux/binfmts.h), and how many interpreters may lead to another (exec_binprm in
// fs/exec.c).
const (
	headLen     = 256
	scriptsMost = 5
)

// hashBang reads the first line of a script (fs/binfmt_script.c): the interpreter,
// and all the rest as one argument.
func hashBang(head []byte) (interpreter, argument string, ok bool) {
	line, found := bytes.CutPrefix(head, []byte("#!"))
	if !found {
		return "", "", false
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	text := strings.Trim(string(line), " \t")
	i := strings.IndexAny(text, " \t\x00")
	if i < 0 {
		return text, "", text != ""
	}
	return text[:i], strings.Trim(text[i:], " \t\x00"), i > 0
}

// next is the file that a script leads to: its interpreter, or what env(1) looks for.
func (s *Script) next() (string, error) {
	name := envProgram(s)
	if name == "" {
		return s.Interpreter, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("inspect script %s: %w: %s looks for %s, which is not in $PATH", s.Path, ErrNotProgram, s.Interpreter, name)
	}
	return path, nil
}

// envProgram is the name that env(1) is given as an interpreter's argument, "" when
// the interpreter is not env or the name cannot be told.
func envProgram(s *Script) string {
	if filepath.Base(s.Interpreter) != "env" {
		return ""
	}
	for _, word := range strings.Fields(strings.TrimPrefix(s.Argument, "-S")) {
		if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			return word
		}
	}
	return ""
}

// languages are what interpreters run, by the beginning of their names.
var languages = []struct{ prefix, language string }{
	{"bash", "shell"}, {"dash", "shell"}, {"busybox", "shell"}, {"zsh", "shell"}, {"ksh", "shell"}, {"mksh", "shell"}, {"fish", "shell"},
	{"python", "python"}, {"pypy", "python"}, {"nodejs", "javascript"}, {"perl", "perl"}, {"ruby", "ruby"},
	{"php", "php"}, {"lua", "lua"}, {"java", "java"}, {"guile", "scheme"}, {"gawk", "awk"}, {"mawk", "awk"},
}

// languageOf goes by the name alone: nothing in the file says it.
func languageOf(path string) string {
	name := filepath.Base(path)
	for _, l := range languages {
		if rest, found := strings.CutPrefix(name, l.prefix); found && strings.Trim(rest, "0123456789.-") == "" {
			return l.language
		}
	}
	switch name {
	case "sh":
		return "shell"
	case "node":
		return "javascript"
	case "tclsh", "wish":
		return "tcl"
	}
	return ""
}
