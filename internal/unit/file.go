package unit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// setting is a line of a unit file: Key=Value in a section.
type setting struct {
	file         string // inside the root
	line         int    // its last one
	section, key string
	value        string // continued lines in one, without whitespace around it
}

// fileMax is how large a unit file may be, in bytes.
const fileMax = 1 << 20

// readSettings reads a unit file or drop-in, as systemd.syntax(7) says.
func readSettings(root, path string) ([]setting, error) {
	text, err := readInside(root, path)
	if err != nil {
		return nil, fmt.Errorf("read unit file: %w", err)
	}
	settings, err := parseSettings(path, text)
	if err != nil {
		return nil, fmt.Errorf("read unit file %s: %w", path, err)
	}
	return settings, nil
}

// readInside reads a file of the root directory.
func readInside(root, path string) ([]byte, error) {
	real, err := chase(root, path)
	if err != nil {
		return nil, err
	}
	real = filepath.Join(root, real)
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", real)
	case info.Size() > fileMax:
		return nil, fmt.Errorf("%s has more than %d bytes", real, fileMax)
	}
	return os.ReadFile(real)
}

func parseSettings(path string, text []byte) (settings []setting, err error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errors.New("it has a NUL byte")
	}
	plain := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text))
	section, number, begun := "", 0, strings.Builder{}
	for line := range strings.Lines(plain) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if bare := strings.TrimLeft(line, whitespace); bare != "" && (bare[0] == '#' || bare[0] == ';') {
			continue // between continued lines, too
		}
		begun.WriteString(line)
		whole := begun.String()
		if strings.HasSuffix(whole, `\`) && escapes(whole) {
			begun.Reset()
			begun.WriteString(whole[:len(whole)-1] + " ")
			continue
		}
		begun.Reset()
		if settings, section, err = addLine(settings, section, setting{file: path, line: number, value: whole}); err != nil {
			return nil, err
		}
	}
	if begun.Len() > 0 {
		settings, _, err = addLine(settings, section, setting{file: path, line: number, value: begun.String()})
	}
	return settings, err
}

// escapes reports whether the last backslash of a line is not escaped itself.
func escapes(line string) bool {
	escaped := false
	for _, c := range []byte(line) {
		escaped = !escaped && c == '\\'
	}
	return escaped
}

// addLine adds what a whole line sets, or begins another section.
func addLine(settings []setting, section string, s setting) ([]setting, string, error) {
	line := strings.Trim(s.value, whitespace)
	if !utf8.ValidString(line) {
		return nil, "", fmt.Errorf("line %d is not UTF-8", s.line)
	}
	if strings.HasPrefix(line, "[") {
		if !strings.HasSuffix(line, "]") {
			return nil, "", fmt.Errorf("line %d: invalid section header %q", s.line, line)
		}
		return settings, line[1 : len(line)-1], nil
	}
	key, value, found := strings.Cut(line, "=")
	if !found || section == "" {
		return settings, section, nil // ignored by systemd, too
	}
	s.section, s.key, s.value = section, strings.Trim(key, whitespace), strings.Trim(value, whitespace)
	return append(settings, s), section, nil
}
