// Command init is the first process of a virtual machine of internal/vm: it makes
// what a system has, runs the tests that /plan.json names, and ends the machine.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"allroads/internal/vm"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "init: it is the first process of a virtual machine, and nothing else")
		os.Exit(2)
	}
	if err := start(); err != nil {
		fmt.Println("allroads-vm:", err)
	}
	unix.Sync()
	// qemu was told to end instead of starting anew.
	err := unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
	fmt.Println("allroads-vm: reboot:", err)
}

func start() error {
	if err := mountAll(); err != nil {
		return err
	}
	text, err := os.ReadFile(vm.PlanFile)
	if err != nil {
		return err
	}
	var plan vm.Plan
	if err := json.Unmarshal(text, &plan); err != nil {
		return fmt.Errorf("read %s: %w", vm.PlanFile, err)
	}
	for _, path := range plan.Modules {
		if err := load(path); err != nil {
			return err
		}
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	return tests(plan)
}

// tests runs the plan's program, and writes its exit code behind all that it wrote.
func tests(plan vm.Plan) error {
	port, err := os.OpenFile(vm.ResultPort, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer port.Close()
	code, err := run(plan, port)
	if err != nil {
		return err
	}
	fmt.Fprintf(port, "\n%s%d\n", vm.EndMark, code)
	return unix.IoctlSetInt(int(port.Fd()), unix.TCSBRK, 1) // until all is sent
}

// run starts the program and waits for it, and meanwhile for all who became orphans,
// as the first process has to.
func run(plan vm.Plan, output *os.File) (int, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	process, err := os.StartProcess(plan.Args[0], plan.Args, &os.ProcAttr{
		Dir: plan.Dir, Env: plan.Env, Files: []*os.File{null, output, output},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, err
	}
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, fmt.Errorf("wait for %s: %w", plan.Args[0], err)
		case pid == process.Pid && status.Signaled():
			return 128 + int(status.Signal()), nil
		case pid == process.Pid:
			return status.ExitStatus(), nil
		}
	}
}
