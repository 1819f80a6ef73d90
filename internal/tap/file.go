package tap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// A file is where a writer's blocks go, whole ones at a time.
type file struct {
	*os.File
	regular bool
	offset  int64
	lost    uint64 // packets handed over that are not in the file
}

// create makes a file. What is there already is taken only to overwrite it, or
// when it is no regular file: a device, or a pipe that somebody reads.
func create(path string, overwrite bool) (*file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		f, err = openExisting(path, overwrite)
	}
	if err != nil {
		return nil, fmt.Errorf("write packets: %w", err)
	}
	return wrap(f)
}

func wrap(f *os.File) (*file, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("write packets: %w", err)
	}
	return &file{File: f, regular: info.Mode().IsRegular()}, nil
}

func openExisting(path string, overwrite bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%w (a pipe that nobody reads)", err)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
	case !overwrite:
		err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
		err = fmt.Errorf("%w: overwrite it with --overwrite, or take another name", err)
	default:
		err = f.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Write takes whole blocks. Those that the file has no room for are cut off
// again, so that it stays one that can be read.
func (f *file) Write(blocks []byte) (n int, err error) {
	n, err = f.File.Write(blocks)
	if err != nil {
		whole := wholeBlocks(blocks[:n])
		f.lost = packets(blocks) - packets(blocks[:whole])
		if f.regular {
			err = errors.Join(err, f.cut(f.offset+int64(whole)))
		}
		return n, err
	}
	f.offset += int64(n)
	return n, nil
}

// cut takes off what is behind a length, and does not leave an empty file.
func (f *file) cut(length int64) error {
	if length == 0 {
		return os.Remove(f.Name())
	}
	return f.Truncate(length)
}

// Every block begins with its kind and its length, in the order of bytes that our
// files have.
const (
	blockHead   = 8
	blockPacket = 6
)

func blockLength(b []byte) int { return int(binary.LittleEndian.Uint32(b[4:])) }

// wholeBlocks is the length of the blocks in b that are whole.
func wholeBlocks(b []byte) (length int) {
	for len(b)-length >= blockHead {
		next := blockLength(b[length:])
		if next > len(b)-length {
			break
		}
		length += next
	}
	return length
}

// packets counts those in blocks, which are whole.
func packets(blocks []byte) (n uint64) {
	for len(blocks) > 0 {
		if binary.LittleEndian.Uint32(blocks) == blockPacket {
			n++
		}
		blocks = blocks[blockLength(blocks):]
	}
	return n
}
