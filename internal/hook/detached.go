package hook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// ErrHeld is wrapped by the error when a hook that nobody should have any more is
// still attached, since a process holds it.
var ErrHeld = errors.New("hook is held by a process")

// detachTime is how long the kernel may take to detach what nobody has any more. Of a
// link that was pinned, it does that a little later, on a thread of its own.
const detachTime = 2 * time.Second

// awaitDetached returns when programs are gone. Their links' numbers go before the
// programs are detached, and are no proof.
func awaitDetached(programs []ebpf.ProgramID) error {
	end := time.Now().Add(detachTime)
	for _, id := range programs {
		for there(id) {
			if time.Now().After(end) {
				return fmt.Errorf("detach from %s: program %d is still there after %v: %w", target, id, detachTime, ErrHeld)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// there reports whether a program exists. To look holds it for a moment.
func there(id ebpf.ProgramID) bool {
	p, err := ebpf.NewProgramFromID(id)
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	p.Close()
	return true
}

// programs are the numbers of the links' programs, as far as they can be told.
func (a attached) programs() []ebpf.ProgramID {
	var all []ebpf.ProgramID
	for _, l := range a {
		if info, err := l.Info(); err == nil {
			all = append(all, info.Program)
		}
	}
	return all
}

// pinnedPrograms are those of a pinned hook.
func pinnedPrograms(place string) []ebpf.ProgramID {
	var links attached
	for i := range copies {
		if l, err := link.LoadPinnedLink(filepath.Join(place, pinLink(i)), nil); err == nil {
			links = append(links, l)
		}
	}
	defer links.Close()
	return links.programs()
}
