package lab

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"allroads/internal/document"
)

// ProcessConfig is a program that runs in a host as long as the lab is up.
type ProcessConfig struct {
	Name    string            `yaml:"name" json:"name"`
	Command []string          `yaml:"command" json:"command"` // the program and its arguments; no shell
	Env     map[string]string `yaml:"env,omitempty" json:"env,omitempty"`
	Ready   *ReadyConfig      `yaml:"ready,omitempty" json:"ready,omitempty"` // nil: as soon as it runs
}

// Process is a process of a lab that is up.
type Process struct {
	Name string

	host    *Host
	config  *ProcessConfig
	command *Command
	output  tail
	ended   chan struct{}
	err     error // how it ended, once it has
}

func processStep(h *HostConfig, config *ProcessConfig) Step {
	return Step{
		Command: fmt.Sprintf("ip netns exec %s %s &", h.Name, shellWords(config.Command)),
		do:      func(ctx context.Context, l *Lab) error { return l.startProcess(ctx, l.hosts[h.Name], config) },
	}
}

func (l *Lab) startProcess(ctx context.Context, host *Host, config *ProcessConfig) error {
	p := &Process{
		Name: config.Name, host: host, config: config, ended: make(chan struct{}),
		command: host.Command(config.Command[0], config.Command[1:]...),
	}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.Env = os.Environ()
	for _, name := range slices.Sorted(maps.Keys(config.Env)) {
		p.command.Env = append(p.command.Env, name+"="+config.Env[name])
	}
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What it leaves running may hold its output open, and is not waited for.
	p.command.WaitDelay = time.Second
	if err := p.command.Start(); err != nil {
		return err
	}
	host.processes = append(host.processes, p)
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	if err := p.awaitReady(ctx); err != nil {
		return fmt.Errorf("process %s: %w%s", p.Name, err, p.output.quoted())
	}
	return nil
}

// Pid is the process's number.
func (p *Process) Pid() int { return p.command.Process.Pid }

// Ended reports whether the process has ended, and with which error, nil for the
// exit code 0.
func (p *Process) Ended() (bool, error) {
	select {
	case <-p.ended:
		return true, p.err
	default:
		return false, nil
	}
}

// Output is the last that the process has written, at most 16 KiB.
func (p *Process) Output() string { return p.output.String() }

// endWait is how long a process may take to end when it is asked to.
const endWait = 2 * time.Second

// end asks the process and what it has started to end, and then makes them.
func (p *Process) end() {
	group := -p.Pid()
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(endWait):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.ended
}

// endProcesses ends all processes of a host, the last one first.
func (h *Host) endProcesses() {
	var all sync.WaitGroup
	for _, p := range slices.Backward(h.processes) {
		all.Go(p.end)
	}
	all.Wait()
	h.processes = nil
}

func (v *validator) processes(at document.Place, h *HostConfig) {
	for i := range h.Processes {
		at, p := at.Sub("processes", i), &h.Processes[i]
		v.name(at.Sub("name"), "process", p.Name)
		v.once(at.Sub("name"), "process", h.Name+"/"+p.Name)
		if len(p.Command) == 0 || p.Command[0] == "" {
			v.complain(at.Sub("command"), "host %s: process %s: no command", h.Name, p.Name)
		}
		for name := range p.Env {
			if !validVariable(name) {
				v.complain(at.Sub("env"), "host %s: process %s: %q is not a variable", h.Name, p.Name, name)
			}
		}
		if err := p.Ready.validate(); err != nil {
			v.complain(at.Sub("ready"), "host %s: process %s: %w", h.Name, p.Name, err)
		}
	}
}

// shellWords writes a command so that a shell reads the same words.
func shellWords(words []string) string {
	var quoted []string
	for _, word := range words {
		if !isPlainWord(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}

// endOf says how a process ended.
func endOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}
