package convert

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"allroads/internal/tally"
)

// helper finds allroadsd, which has what BPF takes: linking it would slow each start of
// allroads.
func helper() (string, error) {
	self, err := os.Executable()
	if err == nil {
		beside := filepath.Join(filepath.Dir(self), "allroadsd")
		if path, err := exec.LookPath(beside); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("allroadsd")
	if err != nil {
		return "", errors.New("allroadsd, which attaches it, is neither beside allroads nor in $PATH")
	}
	return path, nil
}

// refusedFile remembers until the next start of the host that the kernel refuses the BPF
// program: to ask takes longer than all else that happens before the program runs.
var refusedFile = "/run/allroads/bpf-refused"

// hookError is why BPF could not be attached, when another strategy may do.
type hookError struct{ error }

// hookRefused returns why there is no use in trying.
func hookRefused() error {
	if _, err := helper(); err != nil {
		return err
	}
	if why, err := os.ReadFile(refusedFile); err == nil {
		return fmt.Errorf("%s (tried before; --strategy bpf tries again)", why)
	}
	return nil
}

// remember keeps a refusal, for those who may write there.
func remember(why error) {
	if os.MkdirAll(filepath.Dir(refusedFile), 0o755) == nil {
		_ = os.WriteFile(refusedFile, []byte(why.Error()), 0o644)
	}
}

// said is why the helper has ended, in its own words if it had some, but for what we
// know: which cgroup it was, and that there are other strategies.
func said(err error, words, cgroup string) error {
	words = strings.TrimPrefix(strings.TrimSpace(words), "allroadsd hook: ")
	words = strings.TrimPrefix(words, "attach to cgroup "+cgroup+": ")
	words, _, _ = strings.Cut(words, ", or take another strategy")
	if words == "" || err == nil {
		return err
	}
	return errors.New(words)
}

// hook is allroadsd while it holds a BPF program to a cgroup.
type hook struct {
	cgroup  string
	command *exec.Cmd
	input   io.Closer
	lines   *bufio.Scanner
	words   strings.Builder
}

// hookLine is what it prints.
type hookLine struct {
	Hook   string `json:"hook"`
	Cgroup string `json:"cgroup"`
	Counts *struct {
		Seen      int `json:"seen"`
		Converted int `json:"converted"`
		Missed    int `json:"missed"`
	} `json:"counts"`
}

// attach starts it. It has a session of its own, since Ctrl-C is not for it.
func attach(cgroup string) (*hook, error) {
	path, err := helper()
	if err != nil {
		return nil, err
	}
	h := &hook{cgroup: cgroup, command: exec.Command(path, "hook", "--pin", "--cgroup", cgroup)}
	h.command.Stderr = &h.words
	h.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if h.input, err = h.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.command.Start(); err != nil {
		return nil, hookError{err}
	}
	h.lines = bufio.NewScanner(out)
	first, err := h.line()
	if first.Hook == "refused" {
		_, err = h.line() // which is the end, and why
		remember(err)
	}
	if err != nil {
		return nil, hookError{err}
	}
	_ = os.Remove(refusedFile)
	return h, nil
}

// line reads what the helper says next.
func (h *hook) line() (line hookLine, err error) {
	if h.lines.Scan() {
		return line, json.Unmarshal(h.lines.Bytes(), &line)
	}
	return line, said(errors.Join(h.lines.Err(), h.command.Wait()), h.words.String(), h.cgroup)
}

// detach ends the helper. What it converts goes on while programs are in the cgroup.
func (h *hook) detach() (*tally.Sockets, error) {
	h.input.Close()
	line, err := h.line()
	if err != nil {
		return nil, err
	}
	if err := h.command.Wait(); err != nil || line.Counts == nil {
		return nil, err
	}
	sockets := new(tally.Tally).Sockets()
	sockets.Seen, sockets.Converted, sockets.Missed = line.Counts.Seen, line.Counts.Converted, line.Counts.Missed
	return &sockets, nil
}
