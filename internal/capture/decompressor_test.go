package capture

import (
	"bytes"
	"strings"
	"testing"

	"allroads/internal/decompress"
)

func init() { Decompressors.Gzip, Decompressors.Zstd = decompress.Gzip, decompress.Zstd }

// TestNoDecompressor: a program without one says what the file is.
func TestNoDecompressor(t *testing.T) {
	all := Decompressors
	defer func() { Decompressors = all }()
	Decompressors.Gzip = nil
	_, err := NewFile(bytes.NewReader([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")), "x.gz")
	if err == nil || !strings.Contains(err.Error(), "compressed by gzip") {
		t.Error(err)
	}
}
