package holding

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Of reads what a process holds. The kernel is asked for all sockets of the process's
// network namespace, once; those that it does not list there (not connected, or of
// another namespace), one by one.
//
// The error wraps fs.ErrNotExist when there is no such process, and fs.ErrPermission
// when this user may not look into it.
func Of(ctx context.Context, pid int) (*Held, error) {
	h := &Held{PID: pid, Others: map[string]int{}}
	inodes, err := h.readFiles()
	if err != nil {
		return nil, explain(pid, err)
	}
	name, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	h.Name = strings.TrimSuffix(string(name), "\n")
	listed, err := h.list(ctx)
	if err != nil {
		return nil, err
	}
	process := openProcess(pid)
	defer process.close()
	for inode, descriptors := range inodes {
		slices.Sort(descriptors)
		s, ok := listed[inode]
		if !ok {
			if s, ok = h.ask(process, descriptors[0]); !ok {
				continue
			}
		}
		s.Inode, s.Descriptors = inode, descriptors
		h.Sockets = append(h.Sockets, s)
	}
	slices.SortFunc(h.Sockets, func(a, b Socket) int { return cmp.Compare(a.Descriptors[0], b.Descriptors[0]) })
	return h, nil
}

func explain(pid int, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look into process %d: there is none: %w", pid, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("look into process %d: %w: run it as its user, or as root", pid, err)
	}
	return fmt.Errorf("look into process %d: %w", pid, err)
}

var ring = []byte("anon_inode:[io_uring]")

// readFiles returns the descriptors of each socket, and counts the rings.
func (h *Held) readFiles() (map[uint64][]int, error) {
	inodes := map[uint64][]int{}
	err := eachFile(h.PID, func(descriptor string, link []byte) {
		if inode, ok := socketInode(link); ok {
			if number, err := strconv.Atoi(descriptor); err == nil {
				inodes[inode] = append(inodes[inode], number)
			}
		} else if bytes.Equal(link, ring) {
			h.Rings++
		}
	})
	return inodes, err
}

// other counts a socket of another protocol.
func (h *Held) other(protocol string) { h.Others[protocol]++ }

// Protocols are the names in Others, in their order.
func (h *Held) Protocols() []string { return slices.Sorted(maps.Keys(h.Others)) }
