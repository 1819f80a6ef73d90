package api

import (
	"fmt"
	"net"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// peer is who has connected, as the kernel saw it then.
type peer struct {
	uid, gid uint32
	pid      int32
	groups   []uint32 // supplementary
}

func peerOf(c *net.UnixConn) (*peer, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := new(peer)
	var failure error
	err = raw.Control(func(fd uintptr) {
		credentials, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			failure = fmt.Errorf("ask for SO_PEERCRED: %w", err)
			return
		}
		p.uid, p.gid, p.pid = credentials.Uid, credentials.Gid, credentials.Pid
		if p.groups, err = peerGroups(fd); err != nil {
			failure = fmt.Errorf("ask for SO_PEERGROUPS: %w", err)
		}
	})
	if err == nil {
		err = failure
	}
	return p, err
}

// peerGroups asks for the supplementary groups (SO_PEERGROUPS, Linux 4.13); the kernel
// says how many there are where there is no room.
func peerGroups(fd uintptr) ([]uint32, error) {
	for room := 32; ; {
		groups := make([]uint32, room)
		size := uint32(room * 4)
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(&groups[0])), uintptr(unsafe.Pointer(&size)), 0)
		switch {
		case errno == 0:
			return groups[:size/4], nil
		case errno != unix.ERANGE || int(size/4) <= room:
			return nil, errno
		}
		room = int(size / 4)
	}
}

// access is who may ask what.
type access struct {
	self uint32 // the user that this process has
	gid  int    // of those who may read, -1: none
}

// read: root, this process's user, and the members of the group.
func (a access) read(p *peer) bool {
	if p.uid == 0 || p.uid == a.self {
		return true
	}
	return a.gid >= 0 && (int64(p.gid) == int64(a.gid) || slices.Contains(p.groups, uint32(a.gid)))
}

// write: root; and this process's user, which is another one in a user namespace or where
// the unit says so.
func (a access) write(p *peer) bool { return p.uid == 0 || p.uid == a.self }
