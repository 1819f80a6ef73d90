package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// recordDir holds a file for each lab that has names under /run/netns. The file
// lists the names before they are made, a line each: the namespace's inode
// number and the name. It is locked while that goes on, and ends in a line
// "kept" when all is done and the lab is meant to stay. So a file that is
// neither locked nor kept is a dead program's, and names what is to be cleaned
// up.
const (
	recordDir = "/run/allroads/labs"
	keptLine  = "kept\n"
)

type record struct {
	id    string
	file  *os.File
	names []string
}

// newRecord makes a record for a lab of a topology. Its id, which no other
// record has, is the topology's name and this process's number, and a number
// more if the process has several such labs.
func newRecord(topology string) (*record, error) {
	if err := os.MkdirAll(recordDir, 0o755); err != nil {
		return nil, err
	}
	id := fmt.Sprintf("%s-%d", topology, os.Getpid())
	for n := 2; ; n++ {
		file, err := createRecord(filepath.Join(recordDir, id))
		if err == nil {
			return &record{id: id, file: file}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		id = fmt.Sprintf("%s-%d-%d", topology, os.Getpid(), n)
	}
}

// createRecord makes a file and locks it. Between the two another program's
// Clean may lock and remove the file; then there has to be another one.
// Others may not read it, because reading is enough for a lock.
func createRecord(path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		linked, err := lock(file, 0)
		if linked {
			return file, nil
		}
		file.Close()
		if err != nil {
			return nil, err
		}
	}
}

// lock locks a file until it is closed, and reports whether it still has a name.
// how may be unix.LOCK_NB.
func lock(file *os.File, how int) (linked bool, err error) {
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|how); err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	var status unix.Stat_t
	err = unix.Fstat(int(file.Fd()), &status)
	return err == nil && status.Nlink > 0, err
}

// publish names a namespace after writing down that it is going to.
func (r *record) publish(name string, ns *netns.NS) error {
	inode, err := ns.Inode()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(r.file, "%d %s\n", inode, name); err != nil {
		return err
	}
	if err := ns.Publish(name); err != nil {
		return err
	}
	r.names = append(r.names, name)
	return nil
}

// commit says that the names are meant to stay, and gives the record up.
func (r *record) commit() error {
	defer r.file.Close()
	_, err := r.file.WriteString(keptLine)
	return err
}

// undo takes the names away again. Where one cannot be taken away, the record
// stays for Clean.
func (r *record) undo() {
	defer r.file.Close()
	for _, name := range r.names {
		if netns.Unpublish(name) != nil {
			return
		}
	}
	os.Remove(r.file.Name())
}
