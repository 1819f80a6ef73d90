package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Where allroadsd's configuration is.
const (
	DefaultFile = "/etc/allroads/allroads.yaml"
	DefaultDir  = "/etc/allroads/conf.d"
)

// Load reads a file, and over it those of a folder in the order of their names, and
// returns which it read. Of single values the last one counts; rules come behind those of
// the files before, so that a rule of the main file is asked first. What is not there is
// left out: with no file at all, that is Default. An empty name is of no file, or folder.
func Load(file, dir string) (*Config, []string, error) {
	main, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		main, err = nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return load(file, dir, main)
}

// LoadNamed is Load for a file that somebody named, which has to exist.
func LoadNamed(file, dir string) (*Config, []string, error) {
	main, err := read(file)
	if err != nil {
		return nil, nil, err
	}
	return load(file, dir, main)
}

func load(file, dir string, sources []source) (*Config, []string, error) {
	names, err := dropIns(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		found, err := read(name)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, found...)
	}
	if len(sources) == 0 {
		return Default(), nil, nil
	}
	c, err := parse(file, sources...)
	if err != nil {
		return nil, nil, err
	}
	return c, namesOf(sources), nil
}

func namesOf(sources []source) (names []string) {
	for _, s := range sources {
		names = append(names, s.name)
	}
	return names
}

// dropIns are the files of a folder in the order of their names. What is hidden, or has
// another ending, as the copies that editors and package managers leave, is none of them.
func dropIns(dir string) (names []string, err error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case filepath.Ext(name) == ".yaml":
			names = append(names, name)
		case filepath.Ext(name) == ".yml":
			return nil, fmt.Errorf("read configuration: %s would be left out: call it %s", name, strings.TrimSuffix(entry.Name(), "yml")+"yaml")
		}
	}
	return names, mayChange(dir)
}
