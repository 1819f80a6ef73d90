package rewrite

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// explain adds to EPERM, which execve() gives as rarely as ptrace() does often, what
// can be behind it.
func explain(err error) error {
	if !errors.Is(err, unix.EPERM) {
		return err
	}
	if by := tracerOf("thread-self"); by != "0" {
		return fmt.Errorf("%w: process %s traces this one and all that it starts (strace -f, gdb), and a program has one tracer: end that, or take another strategy", err, by)
	}
	if scope, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); len(scope) > 0 && scope[0] >= '2' {
		return fmt.Errorf("%w: sysctl kernel.yama.ptrace_scope=%c forbids tracing: set it to 1, or take another strategy", err, scope[0])
	}
	return err
}

// tracerOf returns who traces a task (proc(5)), 0: nobody.
func tracerOf(task string) string {
	status, _ := os.ReadFile("/proc/" + task + "/status")
	_, by, _ := strings.Cut(string(status), "TracerPid:\t")
	by, _, found := strings.Cut(by, "\n")
	if !found {
		return "0"
	}
	return by
}
