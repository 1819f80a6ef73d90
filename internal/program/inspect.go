package program

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Inspect says what a file is, as far as its headers tell: it reads a few pages,
// whatever the file's size. Uring, Options and Go.Calls take Examine.
//
// The error wraps ErrNotProgram when the kernel would not start the file, and a
// *fs.PathError when it cannot be read, which is not needed for starting it.
func Inspect(path string) (*Program, error) {
	p, image, err := inspect(path)
	if err == nil {
		image.close()
	}
	return p, err
}

// Examine is Inspect, and reads through the whole file.
func Examine(path string) (*Program, error) {
	p, image, err := inspect(path)
	if err != nil {
		return nil, err
	}
	defer image.close()
	examine(p, image)
	return p, nil
}

// inspect follows scripts to the program behind them.
func inspect(path string) (*Program, *image, error) {
	p := new(Program)
	for {
		real, err := follow(path)
		if err != nil {
			return nil, nil, fmt.Errorf("inspect program: %w", err)
		}
		file, info, err := open(path)
		if err != nil {
			return nil, nil, err
		}
		p.file = path
		image, err := p.read(real, file, info)
		if err != nil || image != nil {
			if err != nil {
				file.Close()
			}
			return p, image, err
		}
		file.Close()
		if len(p.Scripts) > scriptsMost {
			return nil, nil, fmt.Errorf("inspect program %s: %w: more than %d interpreters, each a script", path, ErrNotProgram, scriptsMost)
		}
		if path, err = p.Scripts[len(p.Scripts)-1].next(); err != nil {
			return nil, nil, err
		}
	}
}

// follow is the path that symbolic links lead to. That of a process's program leads to
// the file itself, which may have another name here, or none any more.
func follow(path string) (string, error) {
	if matched, _ := filepath.Match("/proc/*/exe", path); matched {
		name, err := os.Readlink(path)
		return strings.TrimSuffix(name, " (deleted)"), err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// read reads one file: a program, or a script, which is then the last of Scripts and
// has no image.
func (p *Program) read(path string, file *os.File, info os.FileInfo) (*image, error) {
	head := make([]byte, headLen)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("inspect program %s: %w", path, err)
	}
	head = head[:n]
	if interpreter, argument, ok := hashBang(head); ok {
		p.Scripts = append(p.Scripts, Script{path, interpreter, argument})
		return nil, executable(path, info)
	}
	image, err := newImage(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("inspect program %s: %w: %w", path, ErrNotProgram, err)
	}
	p.Path, p.header = path, head
	p.Language = languageOf(path)
	p.describe(image)
	p.Privileges = privilegesOf(file, info)
	return image, executable(path, info)
}

var errNotExecutable = fmt.Errorf("%w: no permission to execute it is set (chmod +x)", ErrNotProgram)

func executable(path string, info os.FileInfo) error {
	if info.Mode()&0o111 == 0 {
		return fmt.Errorf("inspect program %s: %w", path, errNotExecutable)
	}
	return nil
}
