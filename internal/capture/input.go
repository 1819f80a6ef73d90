package capture

import (
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"
	"syscall"
)

// An input reads a file as it is and counts.
type input struct {
	reader  io.Reader
	pending []byte // read before, to be read again
	read    atomic.Int64
	total   int64 // bytes of the file, -1: unknown
	failed  error // of reader, not io.EOF
}

func newInput(r io.Reader) (*input, error) {
	in := &input{reader: r, total: -1}
	file, ok := r.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return in, nil
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("name a file in it: %w", syscall.EISDIR)
	case info.Mode().IsRegular():
		in.total = info.Size()
	}
	// What was read before it became ours is not to come, as of "<" in a shell.
	if seeker, ok := r.(io.Seeker); ok && in.total >= 0 {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			in.total = max(in.total-at, 0)
		}
	}
	return in, nil
}

// Read is io.Reader's.
func (in *input) Read(b []byte) (int, error) {
	if len(in.pending) > 0 {
		n := copy(b, in.pending)
		if in.pending = in.pending[n:]; len(in.pending) == 0 {
			in.pending = nil
		}
		return n, nil
	}
	n, err := in.reader.Read(b)
	in.read.Add(int64(n))
	if err != nil && err != io.EOF {
		in.failed = err
	}
	return n, err
}
