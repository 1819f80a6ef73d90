package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allroads/pathmanager"

	"golang.org/x/sys/unix"
)

// record is what allroadsd has done to a namespace, or is about to do: what it has to
// undo, and may. It is written before the kernel is asked, so that a killed allroadsd
// leaves nothing that its successor would take for somebody else's.
type record struct {
	Inode     uint64              `json:"inode"`
	Cookie    uint64              `json:"cookie"`
	Endpoints []endpoint          `json:"endpoints,omitempty"`
	Limits    *pathmanager.Limits `json:"limits_found,omitempty"`  // before allroadsd set any
	Sysctls   map[string]string   `json:"sysctls_found,omitempty"` // likewise
	// IDs are those by which peers know the addresses.
	IDs map[netip.Addr]uint8 `json:"ids,omitempty"`
}

// endpoint is a pathmanager.Endpoint with all of it in JSON.
type endpoint struct {
	Addr    netip.Addr        `json:"address"`
	ID      uint8             `json:"id"`
	Flags   pathmanager.Flags `json:"flags"` // as in uapi/linux/mptcp_pm.h
	IfIndex int               `json:"interface,omitempty"`
	Port    uint16            `json:"port,omitempty"`
}

func (r record) empty() bool {
	return len(r.Endpoints) == 0 && r.Limits == nil && len(r.Sysctls) == 0 && len(r.IDs) == 0
}

func (r *record) setEndpoints(owned []pathmanager.Endpoint) {
	r.Endpoints = nil
	for _, e := range owned {
		r.Endpoints = append(r.Endpoints, endpoint(e))
	}
}

func (r *record) endpoints() (owned []pathmanager.Endpoint) {
	for _, e := range r.Endpoints {
		owned = append(owned, pathmanager.Endpoint(e))
	}
	return owned
}

// book is the file that holds the records of all namespaces. Several processes may
// share it, for namespaces that differ.
type book struct {
	dir  string
	boot string
}

type bookFile struct {
	Schema     string   `json:"schema"` // allroads.state/1
	Boot       string   `json:"boot"`   // after another boot all of it is gone
	Namespaces []record `json:"namespaces"`
}

const bookSchema = "allroads.state/1"

// openBook begins to write in a directory, which is made where it is missing. Without one
// that can be written nothing may be done to the kernel, so it is tried at once.
func openBook(dir string) (*book, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the state directory %s: %w: %s", dir, err, elsewhere)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, fmt.Errorf("read which boot this is: %w", err)
	}
	b := &book{dir: dir, boot: strings.TrimSpace(string(boot))}
	lock, err := b.lock()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, elsewhere)
	}
	return b, lock.Close()
}

// elsewhere is what to do about a directory that cannot be written.
const elsewhere = "start it as root, or give it another directory with --state"

func (b *book) path() string { return filepath.Join(b.dir, "state.json") }

// read returns the record of a namespace, an empty one where there is none. A file that
// cannot be understood is an error: what it held would be taken for somebody else's.
func (b *book) read(p *place) (record, error) {
	file, err := b.load()
	if err != nil {
		return record{}, err
	}
	for _, r := range file.Namespaces {
		if r.Inode == p.inode && r.Cookie == p.cookie {
			return r, nil
		}
	}
	return record{Inode: p.inode, Cookie: p.cookie}, nil
}

func (b *book) load() (file bookFile, err error) {
	text, err := os.ReadFile(b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return file, fmt.Errorf("read what allroadsd did before: %w", err)
	}
	if err := json.Unmarshal(text, &file); err != nil || file.Schema != bookSchema {
		return file, fmt.Errorf("read what allroadsd did before: %s is not a file of this allroadsd (%v): remove it, and what it left in the kernel by hand", b.path(), err)
	}
	if file.Boot != b.boot {
		file.Namespaces = nil
	}
	return file, nil
}

// write puts a record in the place of that of its namespace. An empty one is left out.
func (b *book) write(r record) error {
	lock, err := b.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	file, err := b.load()
	if err != nil {
		return err
	}
	file.Schema, file.Boot = bookSchema, b.boot
	file.Namespaces = slices.DeleteFunc(file.Namespaces, func(other record) bool { return other.Inode == r.Inode })
	if !r.empty() {
		file.Namespaces = append(file.Namespaces, r)
	}
	return b.replace(file)
}

// lock keeps other writers away until it is closed.
func (b *book) lock() (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(b.dir, "state.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write down what is done: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("write down what is done: lock %s: %w", file.Name(), err)
	}
	return file, nil
}

// replace leaves the old file or the new one, and never a part of one.
func (b *book) replace(file bookFile) error {
	text, err := json.MarshalIndent(file, "", "\t")
	if err != nil {
		return err
	}
	next := b.path() + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write down what is done: %w", err)
	}
	if err := os.Rename(next, b.path()); err != nil {
		return fmt.Errorf("write down what is done: %w", err)
	}
	return nil
}
