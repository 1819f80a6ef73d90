package programs

import (
	"os/exec"
	"syscall"

	"allroads/internal/netns"
)

// user is who starts allroads, and so the program.
type user string

const (
	root     user = "root"
	ordinary user = "ordinary user"
)

// daemon is the ordinary user: the name has the same number everywhere. Of nobody, systemd
// tells sshd that the account is locked.
const daemon = 1

// become has a command started by the user.
func (u user) become(command *exec.Cmd) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	command.SysProcAttr = attributes
	switch {
	case u == root:
	case netns.Inside():
		// Root is the only user here. In a user namespace of its own it is an ordinary one.
		attributes.Cloneflags = syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: daemon, HostID: 0, Size: 1}}
		attributes.GidMappings = attributes.UidMappings
	default:
		attributes.Credential = &syscall.Credential{Uid: daemon, Gid: daemon}
	}
}

func (u user) name() string {
	if u == root {
		return "root"
	}
	return "daemon"
}

// worker is the user and group whom servers of the user run as when they give up their rights.
func (u user) worker() string {
	if u == root && netns.Inside() {
		return "root root" // There is nobody else.
	}
	return "nobody nogroup"
}
