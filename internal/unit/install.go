package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors of making and removing a drop-in's file.
var (
	ErrEdited     = errors.New("somebody has changed it since")
	ErrForeign    = errors.New("`allroads enable` has not made it")
	ErrNotEnabled = errors.New("not enabled")
)

// Install writes the drop-in, and reports whether that changes anything. One that
// somebody has edited is kept, unless force is given. When it fails, all is as it was.
func (t *Tree) Install(d *DropIn, force bool) (changed bool, err error) {
	old, err := readInside(t.Root, d.Path)
	m, ours := readMade(string(old))
	d.folder = t.makesFolder(d, m)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("enable %s: %w", d.Unit, err)
	case !ours && !force:
		return false, fmt.Errorf("enable %s: %s: %w: --force replaces it", d.Unit, d.Path, ErrForeign)
	case ours && m.edited && !force:
		return false, fmt.Errorf("enable %s: %s: %w: --force replaces it", d.Unit, d.Path, ErrEdited)
	case string(old) == d.Text():
		return false, nil
	}
	folder, err := chase(t.Root, filepath.Dir(d.Path))
	if err == nil {
		err = writeFile(filepath.Join(t.Root, folder), filepath.Base(d.Path), d.Text())
	}
	if err != nil {
		return false, fmt.Errorf("enable %s: %w", d.Unit, err)
	}
	return true, nil
}

func (t *Tree) makesFolder(d *DropIn, before made) bool {
	return before.folder || !t.exists(filepath.Dir(d.Path))
}

// Preview is the text that Install would write.
func (t *Tree) Preview(d *DropIn) string {
	old, _ := readInside(t.Root, d.Path)
	before, _ := readMade(string(old))
	d.folder = t.makesFolder(d, before)
	return d.Text()
}

// writeFile makes a file, or replaces it by another, in one step that is on the disk
// when it returns. Folders that are not there are made; when it fails, they go.
func writeFile(folder, name, text string) (err error) {
	made, err := makeFolders(folder)
	defer func() {
		for i := len(made) - 1; err != nil && i >= 0; i-- {
			os.Remove(made[i])
		}
	}()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, "."+name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // It has another name when all is well.
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), filepath.Join(folder, name)); err != nil {
		return err
	}
	syncFolder(folder)
	return nil
}

func makeFolders(folder string) (made []string, err error) {
	if _, err := os.Stat(folder); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if made, err = makeFolders(filepath.Dir(folder)); err != nil {
		return made, err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return made, err
	}
	return append(made, folder), os.Chmod(folder, 0o755) // whatever the umask
}

// syncFolder has the names in a folder written to the disk, where its file system can.
func syncFolder(folder string) {
	if f, err := os.Open(folder); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

// Remove removes the drop-in of a unit, and its folder when that was made for it and
// has nothing else in it. It returns the path that was removed. The unit itself may be
// gone.
func (t *Tree) Remove(name Name, force bool) (path string, err error) {
	if id, _, _, err := t.resolve(name); err == nil {
		name = id
	}
	path = filepath.Join(t.own, string(name)+".d", DropInName)
	text, err := readInside(t.Root, path)
	switch m, ours := readMade(string(text)); {
	case errors.Is(err, fs.ErrNotExist):
		err = ErrNotEnabled
	case err == nil && !ours && !force:
		err = fmt.Errorf("%s: %w: --force removes it", path, ErrForeign)
	case err == nil && ours && m.edited && !force:
		err = fmt.Errorf("%s: %w: --force removes it", path, ErrEdited)
	case err == nil:
		err = t.remove(path, m.folder)
	}
	if err != nil {
		return path, fmt.Errorf("disable %s: %w", name, err)
	}
	return path, nil
}

func (t *Tree) remove(path string, withFolder bool) error {
	folder, err := chase(t.Root, filepath.Dir(path))
	if err != nil {
		return err
	}
	folder = filepath.Join(t.Root, folder)
	if err := os.Remove(filepath.Join(folder, filepath.Base(path))); err != nil {
		return err
	}
	if withFolder {
		_ = os.Remove(folder) // It stays if it is not empty.
	}
	syncFolder(filepath.Dir(folder))
	return nil
}
