package capture

import (
	"compress/gzip"
	"io"

	"github.com/klauspost/compress/zstd"
)

// begin starts to decompress. To be linked must not cost every start of a program:
// klauspost's gzip would, and is no faster on captures than the standard library's.
type begin func(io.Reader) (io.ReadCloser, error)

// maxZstdWindow is the memory for what data refer back to. The zstd program takes
// as much unless told otherwise (--long).
const maxZstdWindow = 128 << 20

// beginGzip reads a gzip file of any number of members (RFC 1952).
func beginGzip(in io.Reader) (io.ReadCloser, error) { return gzip.NewReader(in) }

// beginZstd reads a zstd file of any number of frames (RFC 8878).
func beginZstd(in io.Reader) (io.ReadCloser, error) {
	// More goroutines would take turns with the reader's own.
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
