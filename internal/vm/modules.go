package vm

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is a module of the kernel, ready to be loaded.
type module struct {
	name  string
	image []byte
}

// load reads the named modules and those that they depend on, which come first.
// A name that is no file may be built into the kernel; if it is not, that is an
// error.
func (k *kernel) load(names []string) ([]module, error) {
	paths, err := k.modulePaths()
	if err != nil {
		return nil, err
	}
	builtin, err := os.ReadFile(filepath.Join(k.modules, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	var loaded []module
	seen := map[string]bool{}
	var visit func(string) error
	visit = func(name string) error {
		name = strings.ReplaceAll(name, "-", "_")
		if name == "" || seen[name] {
			return nil
		}
		seen[name] = true
		path, ok := paths[name]
		if !ok {
			if strings.Contains(strings.ReplaceAll(string(builtin), "-", "_"), "/"+name+".ko") {
				return nil
			}
			return fmt.Errorf("find module %s of kernel %s: it has none", name, k.release)
		}
		image, err := decompressed(path)
		if err != nil {
			return err
		}
		depends, err := dependencies(image)
		if err != nil {
			return fmt.Errorf("read module %s: %w", path, err)
		}
		for _, d := range depends {
			if err := visit(d); err != nil {
				return err
			}
		}
		loaded = append(loaded, module{name, image})
		return nil
	}
	for _, name := range names {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// modulePaths are the files of all modules by name.
func (k *kernel) modulePaths() (map[string]string, error) {
	paths := map[string]string{}
	err := filepath.WalkDir(k.modules, func(path string, _ fs.DirEntry, err error) error {
		if name, _, ok := strings.Cut(filepath.Base(path), ".ko"); ok && err == nil {
			paths[strings.ReplaceAll(name, "-", "_")] = path
		}
		return err
	})
	return paths, err
}

func decompressed(path string) ([]byte, error) {
	if !strings.HasSuffix(path, ".xz") {
		return os.ReadFile(path)
	}
	out, err := exec.Command("xz", "-dc", path).Output()
	if err != nil {
		return nil, fmt.Errorf("xz -dc %s: %w", path, err)
	}
	return out, nil
}

// dependencies are what depmod(8) would find: a package not yet installed has no
// modules.dep.
func dependencies(image []byte) ([]string, error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("no section .modinfo")
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for field := range bytes.SplitSeq(info, []byte{0}) {
		if list, ok := strings.CutPrefix(string(field), "depends="); ok {
			return strings.Split(list, ","), nil
		}
	}
	return nil, nil
}
