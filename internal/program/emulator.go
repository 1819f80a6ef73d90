package program

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// emulator finds the interpreter that binfmt_misc starts for a file that begins so, ""
// when there is none (Documentation/admin-guide/binfmt-misc.rst).
func emulator(folder string, header []byte) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil || !bytes.HasPrefix(text, []byte("enabled\n")) {
			continue
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			fields[key] = value
		}
		if matches(fields, header) {
			return fields["interpreter"]
		}
	}
	return ""
}

// matches compares a file's beginning with the bytes that an entry wants.
func matches(fields map[string]string, header []byte) bool {
	offset, err := strconv.Atoi(fields["offset"])
	magic, err2 := hex.DecodeString(fields["magic"])
	mask, err3 := hex.DecodeString(fields["mask"])
	if err != nil || err2 != nil || err3 != nil || len(magic) == 0 || offset < 0 || offset+len(magic) > len(header) {
		return false
	}
	for i, b := range magic {
		got := header[offset+i]
		if i < len(mask) {
			got &= mask[i]
		}
		if got != b {
			return false
		}
	}
	return true
}
