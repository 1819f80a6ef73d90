package netns

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
)

// holdMarker makes a program that Hold started do nothing but live. Its value is
// the number of a pipe.
const holdMarker = "ALLROADS_HOLD"

func init() {
	if pipe, set := os.LookupEnv(holdMarker); set {
		takeName()
		hold(pipe)
		os.Exit(0)
	}
}

// hold waits for the word to stay, and then for a signal to go.
func hold(pipe string) {
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	number, err := strconv.Atoi(pipe)
	if err != nil {
		return
	}
	word := os.NewFile(uintptr(number), "pipe")
	if n, _ := word.Read(make([]byte, 1)); n == 0 {
		return
	}
	word.Close()
	<-terminate
}

// Holder is a process that holds namespaces.
type Holder struct {
	Pid  int
	word *os.File
}

// Hold starts this program again as a process that has the given namespaces
// open, as file descriptors 3, 4 and so on, and does nothing until it is
// terminated. It is how namespaces without a name outlive this process. Until
// Confirm is called, the other process ends with this one. title is what ps(1)
// shows.
func Hold(title string, namespaces ...*NS) (*Holder, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args[0] = title
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	for _, ns := range namespaces {
		// A closed file would be a gap in the child's, and nobody would know.
		if _, err := ns.Inode(); err != nil {
			return nil, fmt.Errorf("hold network namespace: %w", err)
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, ns.File())
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("hold network namespace: %w", err)
	}
	defer read.Close()
	cmd.Env = []string{fmt.Sprintf("%s=%d", holdMarker, 3+len(namespaces))}
	cmd.ExtraFiles = append(cmd.ExtraFiles, read)
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start a process to hold the namespaces: %w", err)
	}
	holder := &Holder{Pid: cmd.Process.Pid, word: write}
	return holder, cmd.Process.Release()
}

// Confirm makes the process stay when this one ends.
func (h *Holder) Confirm() error {
	defer h.word.Close()
	if _, err := h.word.Write([]byte{1}); err != nil {
		return fmt.Errorf("tell process %d to stay: %w", h.Pid, err)
	}
	return nil
}
