package cli

import (
	"context"
	"errors"
	"os"

	"allroads/internal/bothends"
	"allroads/trace"
)

// compare holds the captures of both ends against each other.
func (f *analyzeFlags) compare(ctx context.Context) error {
	var files [2]*trace.File
	for i, path := range []string{f.client, f.server} {
		file, err := trace.Open(path)
		if err != nil {
			return badInput{err}
		}
		defer file.Close()
		files[i] = file
	}
	progress := newProgress(func() (read, total int64) {
		for _, file := range files {
			r, t := file.Position()
			read, total = read+r, total+t
		}
		return read, total
	})
	result, err := bothends.Compare(ctx, files[0], files[1], bothends.Options{TCP: f.tcp})
	progress.end()
	if err != nil && !errors.Is(err, bothends.ErrNothingInCommon) {
		return err
	}
	out := newScreen(os.Stdout)
	if f.json {
		out.json(result)
		err = errors.Join(err, out.failed())
	} else {
		err = errors.Join(err, result.Write(os.Stdout, out.width))
	}
	return err
}
