package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"allroads/internal/holding"
	"allroads/internal/unit"
)

// runningUnit is what the processes of a unit hold. A socket that several of them hold
// counts once.
type runningUnit struct {
	pids    []int
	sockets map[holding.Kind]int
	closed  int // processes that this user may not look into
}

// cgroups is where cgroups are mounted.
const cgroups = "/sys/fs/cgroup"

func lookAtUnit(ctx context.Context, s unit.State) (*runningUnit, error) {
	pids, err := s.Processes(cgroups)
	if err != nil {
		return nil, err
	}
	r := &runningUnit{sockets: map[holding.Kind]int{}}
	seen := map[uint64]bool{}
	for _, pid := range pids {
		held, err := holding.Of(ctx, pid)
		switch {
		case errors.Is(err, fs.ErrNotExist): // It has ended.
			continue
		case errors.Is(err, fs.ErrPermission):
			r.closed++
		case err != nil:
			return nil, fmt.Errorf("look at process %d of %s: %w", pid, s.Unit, err)
		default:
			r.add(held, seen)
		}
		r.pids = append(r.pids, pid)
	}
	return r, nil
}

func (r *runningUnit) add(held *holding.Held, seen map[uint64]bool) {
	for _, socket := range held.Sockets {
		if !seen[socket.Inode] {
			seen[socket.Inode] = true
			r.sockets[socket.Kind]++
		}
	}
}
