package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// MaxSpool is how many bytes of standard input, or of another pipe, are kept.
const MaxSpool = 16 << 30

// Spool makes files that can be read more than once of those that cannot: "-", which
// is standard input, and pipes are copied to a temporary directory (TMPDIR) until
// remove is called. Others stay what they are. A pipe with more than MaxSpool bytes
// is an error.
func Spool(ctx context.Context, files []string) (again []string, remove func(), err error) {
	s := spool{left: MaxSpool}
	for _, name := range files {
		path, err := s.file(ctx, name)
		if err != nil {
			s.remove()
			return nil, nil, err
		}
		again = append(again, path)
	}
	return again, s.remove, nil
}

type spool struct {
	folder string
	left   int64
	count  int
}

func (s *spool) remove() {
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
}

func (s *spool) file(ctx context.Context, name string) (string, error) {
	if name != "-" {
		info, err := os.Stat(name)
		if err != nil || info.Mode().IsRegular() || info.IsDir() {
			return name, nil // What is wrong with it, opening it tells.
		}
	}
	path, err := s.copy(ctx, name)
	if err != nil && ctx.Err() == nil {
		return "", fmt.Errorf("keep %s to read it twice: %w", called(name), err)
	}
	return path, err
}

// called is what a file is called: in errors, and as the name of the copy.
func called(name string) string {
	if name == "-" {
		return "standard input"
	}
	return filepath.Base(name)
}

func (s *spool) copy(ctx context.Context, name string) (path string, err error) {
	if s.folder == "" {
		if s.folder, err = os.MkdirTemp("", "allroads-extract-"); err != nil {
			return "", err
		}
	}
	s.count++
	path = filepath.Join(s.folder, fmt.Sprint(s.count), called(name))
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	// Opening a pipe waits, and so does reading: a signal ends neither.
	done := make(chan error, 1)
	go func() { done <- s.fill(path, name) }()
	select {
	case err := <-done:
		return path, err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

var errTooLong = errors.New("it has more than 16 GiB: write it to a file first, and name that")

func (s *spool) fill(path, name string) (err error) {
	in := os.Stdin
	if name != "-" {
		if in, err = os.Open(name); err != nil {
			return err
		}
		defer in.Close()
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	n, err := io.Copy(out, io.LimitReader(in, s.left+1))
	if s.left -= n; err == nil && s.left < 0 {
		return errTooLong
	}
	return errors.Join(err, out.Close())
}
