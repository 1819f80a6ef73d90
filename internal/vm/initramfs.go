package vm

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// contents are the files of an initramfs: path in the guest -> path here.
type contents map[string]string

// mounts are directories that the first process mounts something on.
var mounts = []string{"/proc", "/sys", "/dev", "/tmp", "/run", "/root"}

// write makes the initramfs. The kernel unpacks it faster when it is not
// compressed, as qemu hands it over in one piece.
func (c contents) write(file string, modules []module, plan Plan) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	buffer := bufio.NewWriterSize(out, 1<<20)
	a := &archive{w: buffer}
	made := map[string]bool{"/": true}
	for _, dir := range mounts {
		parents(a, made, dir)
	}
	a.device("dev/console", 5, 1)
	for i, m := range modules {
		name := fmt.Sprintf("/modules/%03d-%s.ko", i, m.name)
		parents(a, made, path.Dir(name))
		a.file(name[1:], 0o644, m.image)
		plan.Modules = append(plan.Modules, name)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	a.file(PlanFile[1:], 0o644, text)
	if err := c.add(a, made); err != nil {
		return err
	}
	if err := a.end(); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return buffer.Flush()
}

func (c contents) add(a *archive, made map[string]bool) error {
	var names []string
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names) // The same job gives the same archive.
	for _, name := range names {
		info, err := os.Stat(c[name])
		if err != nil {
			return err
		}
		content, err := os.ReadFile(c[name])
		if err != nil {
			return err
		}
		parents(a, made, path.Dir(name))
		a.file(name[1:], info.Mode(), content)
	}
	return nil
}

// parents writes a directory and those above it that are not there yet.
func parents(a *archive, made map[string]bool, dir string) {
	if made[dir] {
		return
	}
	parents(a, made, path.Dir(dir))
	made[dir] = true
	a.directory(dir[1:])
}

// tree adds a directory with all that is in it.
func (c contents) tree(guest, here string) error {
	return filepath.WalkDir(here, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rest, err := filepath.Rel(here, file)
		c[path.Join(guest, filepath.ToSlash(rest))] = file
		return err
	})
}
