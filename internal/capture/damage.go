package capture

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// DamageError says where a capture file cannot be read on, because it is cut
// short, broken, or no capture file. With Packets above 0, the packets before
// are a result that wants to be marked as partial.
type DamageError struct {
	File    string // name
	Offset  int64  // of the record, block or header concerned, in bytes; in the decompressed data if Compression is set
	Packets uint64 // read before
	What    string // is wrong

	Compression string // "gzip", "zstd" or ""

	// Err is io.ErrUnexpectedEOF where the file is cut short, the decompressor's
	// own error, or nil.
	Err error
}

func (e *DamageError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "read capture file %s: %s", e.File, e.What)
	if e.Offset > 0 || e.Packets > 0 {
		fmt.Fprintf(&b, ", at byte %d", e.Offset)
		if e.Compression != "" {
			b.WriteString(" of what it is decompressed to")
		}
		fmt.Fprintf(&b, ", %d packets before it were read", e.Packets)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *DamageError) Unwrap() error { return e.Err }

// damaged says what is wrong with the record, block or header at the window's place.
func (f *File) damaged(what string, values ...any) error {
	return &DamageError{
		File: f.name, Offset: f.window.offset(), Packets: f.stats.Packets,
		What: fmt.Sprintf(what, values...), Compression: f.compressed,
	}
}

// damagedFrom is for what begins before the window's place.
func damagedFrom(offset int64, err error) error {
	if damage, ok := err.(*DamageError); ok {
		damage.Offset = offset
	}
	return err
}

// cut says why there is not enough left in the file for where.
func (f *File) cut(where string) error {
	end := f.window.end
	switch {
	case end == io.EOF:
		return f.damagedBy(io.ErrUnexpectedEOF, "cut short in "+where)
	case f.compressed == "", f.in.failed != nil && errors.Is(end, f.in.failed):
		return fmt.Errorf("read capture file %s: %w", f.name, end)
	case errors.Is(end, io.ErrUnexpectedEOF):
		return f.damagedBy(end, f.compressed+" data cut short in "+where)
	}
	return f.damagedBy(end, fmt.Sprintf("%s data broken in %s: %v", f.compressed, where, end))
}

func (f *File) damagedBy(err error, what string) error {
	return &DamageError{
		File: f.name, Offset: f.window.offset(), Packets: f.stats.Packets,
		What: what, Compression: f.compressed, Err: err,
	}
}

// between is cut where a file may end, where being what begins there.
func (f *File) between(where string) error {
	switch {
	case f.window.left() > 0:
		return f.cut(where)
	case f.window.end == io.EOF:
		return io.EOF
	}
	return f.cut("what follows")
}
