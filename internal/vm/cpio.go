package vm

import (
	"fmt"
	"io"
	"os"
)

// archive writes an initramfs: cpio's newc format, as the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst has it.
type archive struct {
	w     io.Writer
	inode int
	err   error // The first; what follows is not written.
}

// Kinds of files, as in st_mode.
const (
	kindDirectory = 0o040000
	kindFile      = 0o100000
	kindDevice    = 0o020000 // of characters
)

func (a *archive) directory(name string) { a.entry(name, kindDirectory|0o755, 0, 0, nil) }

func (a *archive) file(name string, mode os.FileMode, content []byte) {
	a.entry(name, kindFile|int(mode.Perm()), 0, 0, content)
}

func (a *archive) device(name string, major, minor int) {
	a.entry(name, kindDevice|0o600, major, minor, nil)
}

// entry writes a header, the name and the content, each filled up to four bytes.
func (a *archive) entry(name string, mode, major, minor int, content []byte) {
	a.inode++
	header := "070701"
	for _, field := range []int{a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name) + 1, 0} {
		header += fmt.Sprintf("%08x", field)
	}
	a.padded([]byte(header + name + "\x00"))
	a.padded(content)
}

func (a *archive) padded(b []byte) {
	if a.err == nil {
		_, a.err = a.w.Write(b)
	}
	if fill := -len(b) & 3; a.err == nil && fill > 0 {
		_, a.err = a.w.Write(make([]byte, fill))
	}
}

// end finishes the archive and returns the first error.
func (a *archive) end() error {
	a.entry("TRAILER!!!", 0, 0, 0, nil)
	return a.err
}
