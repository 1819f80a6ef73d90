// Package decompress reads what gzip and zstd have written. It is for programs that
// read capture files: to link it costs every start a tenth of a millisecond.
package decompress

import (
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow is the memory for what data refer back to. The zstd program takes
// as much unless told otherwise (--long).
const maxZstdWindow = 128 << 20

// Gzip reads a gzip file of any number of members (RFC 1952).
func Gzip(in io.Reader) (io.ReadCloser, error) { return gzip.NewReader(in) }

// Zstd reads a zstd file of any number of frames (RFC 8878).
func Zstd(in io.Reader) (io.ReadCloser, error) {
	// More goroutines would take turns with the reader's own.
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
