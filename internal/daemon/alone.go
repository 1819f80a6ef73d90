package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mark is the name of a socket in the abstract namespace of Unix sockets. There is one
// such namespace for each network namespace: where the name is taken, another allroadsd
// manages it already, whatever its state directory is. The kernel frees the name when
// its holder ends, in whatever way.
const mark = "@allroads/daemon"

// alone makes sure that no other allroadsd manages a namespace. Close gives it up. Where
// the name is held by a process that could not manage paths, which anybody may start,
// hold is nil, and warning tells of it.
func (p *place) alone() (hold net.Listener, warning string, err error) {
	err = p.do(func() (err error) {
		hold, err = net.Listen("unix", mark)
		if !errors.Is(err, unix.EADDRINUSE) {
			return err
		}
		holder, known := holderOf(mark)
		if known && !holder.manages() {
			warning = fmt.Sprintf("process %d of user %d holds the socket name %s, but lacks CAP_NET_ADMIN: whether another allroadsd runs here cannot be seen",
				holder.Pid, holder.Uid, mark)
			return nil
		}
		return fmt.Errorf("another allroadsd (process %d) does so already: %w", holder.Pid, errTaken)
	})
	if err != nil {
		return nil, "", fmt.Errorf("manage namespace %s: %w", p.name, err)
	}
	return hold, warning, nil
}

// holder is who listens on a Unix socket.
type holder unix.Ucred

func holderOf(name string) (h holder, known bool) {
	conn, err := net.Dial("unix", name)
	if err != nil {
		return h, false
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return h, false
	}
	var peer *unix.Ucred
	controlled := raw.Control(func(fd uintptr) { peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if controlled != nil || err != nil {
		return h, false
	}
	return holder(*peer), true
}

// manages tells whether it could be an allroadsd. In doubt it could.
func (h holder) manages() bool {
	if h.Pid == 0 || h.Uid == 0 || h.Uid == uint32(os.Geteuid()) {
		return true
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.Pid))
	if err != nil {
		return true
	}
	_, rest, found := strings.Cut(string(text), "\nCapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	capabilities, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	return !found || err != nil || capabilities&(1<<unix.CAP_NET_ADMIN) != 0
}
