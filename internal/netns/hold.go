package netns

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// holdMarker makes a program that Hold started do nothing but live.
const holdMarker = "ALLROADS_HOLD"

func init() {
	if _, set := os.LookupEnv(holdMarker); set {
		signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
		terminate := make(chan os.Signal, 1)
		signal.Notify(terminate, syscall.SIGTERM)
		<-terminate
		os.Exit(0)
	}
}

// Hold starts this program again as a process that has the given namespaces
// open, as file descriptors 3, 4 and so on, and does nothing until it is
// terminated. It is how namespaces without a name outlive this process. title
// is what ps(1) shows.
func Hold(title string, namespaces ...*NS) (pid int, err error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args[0] = title
	cmd.Dir = "/"
	cmd.Env = []string{holdMarker + "=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	for _, ns := range namespaces {
		// A closed file would be a gap in the child's, and nobody would know.
		if _, err := ns.Inode(); err != nil {
			return 0, fmt.Errorf("hold network namespace: %w", err)
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, ns.File())
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start a process to hold the namespaces: %w", err)
	}
	pid = cmd.Process.Pid
	return pid, cmd.Process.Release()
}
