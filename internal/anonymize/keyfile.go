package anonymize

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Key reads a secret from a file, all its bytes, of which there have to be 16 at
// least. If there is no such file it is made, with 32 random bytes, for its owner
// alone.
func Key(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if len(key) < minSecret {
		return nil, fmt.Errorf("read key %s: %d bytes: %d are needed, as by head -c 32 /dev/urandom", path, len(key), minSecret)
	}
	return key, nil
}

func newKey(path string) ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("save key: %w", err)
	}
	_, err = file.Write(key)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("save key: %w", err)
	}
	return key, nil
}
