package tap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Files say where packets are written.
type Files struct {
	Path      string // see Rotates
	Stdout    bool   // instead of Path
	Overwrite bool   // files that are there; else they are refused

	// With a limit, another file begins at the first packet that would exceed
	// it: names are then made of Path, NAME-00001.pcapng and so on. A file may
	// have a packet in any case.
	Size int64         // bytes of a file, 0: no limit
	Time time.Duration // between its first packet and its last, 0: no limit

	Keep int // how many of the newest files are kept, 0: all
}

// Rotates reports whether there may be several files.
func (f *Files) Rotates() bool { return f.Size > 0 || f.Time > 0 }

// A series makes the files one after the other.
type series struct {
	Files
	made []string // that are there, the oldest first
	next int
}

func newSeries(f Files) (*series, error) {
	s := &series{Files: f, next: 1}
	if !f.Rotates() {
		return s, nil
	}
	old, err := s.old()
	if err != nil {
		return nil, err
	}
	if len(old) > 0 && !f.Overwrite {
		err := &fs.PathError{Op: "create", Path: old[0], Err: fs.ErrExist}
		return nil, fmt.Errorf("write packets: %w: overwrite the series with --overwrite, or take another name", err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("write packets: %w", err)
		}
	}
	return s, nil
}

// old lists the files of an earlier series of the same name.
func (s *series) old() (paths []string, err error) {
	folder, base := filepath.Split(s.base())
	entries, err := os.ReadDir(filepath.Clean(folder + "."))
	if err != nil {
		return nil, fmt.Errorf("write packets: %w", err)
	}
	for _, e := range entries {
		digits, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), extension), base+"-")
		if ok && len(digits) >= 5 && strings.Trim(digits, "0123456789") == "" && strings.HasSuffix(e.Name(), extension) {
			paths = append(paths, folder+e.Name())
		}
	}
	return paths, nil
}

const extension = ".pcapng"

// base is what the names of the series begin with.
func (s *series) base() string {
	if i := slices.Index([]string{extension, ".pcap"}, filepath.Ext(s.Path)); i >= 0 {
		return strings.TrimSuffix(s.Path, filepath.Ext(s.Path))
	}
	return s.Path
}

// create makes the next file, and removes the oldest if there are too many.
func (s *series) create() (*file, error) {
	switch {
	case s.Stdout:
		return wrap(os.Stdout)
	case !s.Rotates():
		return create(s.Path, s.Overwrite)
	}
	path := fmt.Sprintf("%s-%05d%s", s.base(), s.next, extension)
	f, err := create(path, false)
	if err != nil {
		return nil, err
	}
	s.made = append(s.made, path)
	s.next++
	if s.Keep > 0 && len(s.made) > s.Keep {
		err = os.Remove(s.made[0])
		s.made = s.made[1:]
	}
	// Somebody may have moved it away.
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("remove the oldest file: %w", err), f.Close())
	}
	return f, nil
}
