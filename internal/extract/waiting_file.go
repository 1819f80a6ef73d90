package extract

import (
	"fmt"
	"os"
)

// spill writes bytes to the file.
func (w *waiting) spill(data []byte, one *waitingPart) (err error) {
	if w.file == nil {
		if w.file, err = unnamed(); err != nil {
			return fmt.Errorf("keep data that came out of order: %w", err)
		}
	}
	if w.size+int64(len(data)) > maxFile {
		return errReordered
	}
	one.at = w.size
	if _, err := w.file.WriteAt(data, w.size); err != nil {
		return fmt.Errorf("keep data that came out of order: %w", err)
	}
	w.size += int64(len(data))
	return nil
}

// unnamed makes a temporary file that nobody else can find.
func unnamed() (*os.File, error) {
	file, err := os.CreateTemp("", "allroads-extract-")
	if err == nil {
		err = os.Remove(file.Name())
	}
	return file, err
}

// read gives away what is in the file.
func (w *waiting) read(at, n int64, write func([]byte) error) error {
	if w.buffer == nil {
		w.buffer = make([]byte, 64<<10)
	}
	for n > 0 {
		part := w.buffer[:min(n, int64(len(w.buffer)))]
		if _, err := w.file.ReadAt(part, at); err != nil {
			return fmt.Errorf("read data that came out of order: %w", err)
		}
		if err := write(part); err != nil {
			return err
		}
		at, n = at+int64(len(part)), n-int64(len(part))
	}
	return nil
}

func (w *waiting) close() {
	if w.file != nil {
		w.file.Close()
	}
}
