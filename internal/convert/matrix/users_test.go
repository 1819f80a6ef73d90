package matrix

import (
	"os/exec"
	"slices"
	"syscall"

	"allroads/internal/netns"
)

// user is who starts allroads.
type user string

const (
	root     user = "root"
	ordinary user = "ordinary user"
)

var users = []user{root, ordinary}

// become has a command started by the user.
func (u user) become(command *exec.Cmd) {
	switch {
	case u == root:
	case netns.Inside():
		// There is no other user in here: one without any right will do.
		setpriv, err := exec.LookPath("setpriv")
		if err != nil {
			setpriv = "setpriv" // Starting it says so.
		}
		command.Args = slices.Concat([]string{setpriv, "--bounding-set=-all", "--inh-caps=-all", command.Path}, command.Args[1:])
		command.Path = setpriv
	default:
		const nobody = 65534
		command.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: false}
	}
}
