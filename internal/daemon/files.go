package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"allroads/internal/config"
)

// files are where the configuration is.
type files struct {
	main, dir string
	needed    bool // main has to be there
}

// load reads all files. An error says what is wrong with which line of which.
func (f files) load() (*config.Config, []string, error) {
	load := config.Load
	if f.needed {
		load = config.LoadNamed
	}
	c, read, err := load(f.main, f.dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, fmt.Errorf("%w: make the file readable, or start allroadsd as a user who may read it", err)
	case err != nil:
		return nil, nil, configError{err}
	}
	return c, read, nil
}

// checkFiles tells whether a file, or the whole configuration, is right.
func (f *flags) checkFiles(out io.Writer, args []string) error {
	from := files{main: f.config, dir: f.confDir}
	if len(args) == 1 {
		from = files{main: args[0], needed: true}
	}
	_, read, err := from.load()
	if err != nil {
		return err
	}
	if len(read) == 0 {
		_, err = fmt.Fprintf(out, "%s is not there: the defaults hold\n", from.main)
		return err
	}
	for _, name := range read {
		if _, err := fmt.Fprintf(out, "%s: right\n", name); err != nil {
			return err
		}
	}
	return nil
}

func (f *flags) printSchema(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%s\n", config.Schema())
	return err
}
