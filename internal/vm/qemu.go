package vm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// boot starts the virtual machine, waits for its end, and returns what the tests
// and what the kernel printed.
func (j *Job) boot(k *kernel, dir string) (tests, console string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), or(j.Timeout, 3*time.Minute))
	defer cancel()
	testsFile, consoleFile := filepath.Join(dir, "tests.log"), filepath.Join(dir, "console.log")
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", j.arguments(k, dir, testsFile, consoleFile)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // Nothing else ends it.
	runtime.LockOSThread()                                             // The signal is for the end of the thread.
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %v", or(j.Timeout, 3*time.Minute))
	} else if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
	}
	return read(testsFile), read(consoleFile), err
}

// arguments of qemu. It is software emulation, since KVM is seldom to be had where
// tests run; and cx16 is off, which emulated stops all other processors each time.
func (j *Job) arguments(k *kernel, dir, tests, console string) []string {
	words := "console=ttyS0 loglevel=5 panic=-1 mitigations=off nokaslr random.trust_cpu=on apparmor=0 " + j.Kernel
	return []string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max,-cx16",
		"-smp", fmt.Sprint(or(j.CPUs, 1)), "-m", fmt.Sprint(or(j.Memory, 512)),
		"-serial", "file:" + console, "-serial", "file:" + tests,
		"-kernel", k.image, "-initrd", filepath.Join(dir, initramfs), "-append", strings.TrimSpace(words),
	}
}

const initramfs = "initramfs.cpio"

// or is value, or another if it is zero.
func or[T comparable](value, other T) T {
	var zero T
	if value == zero {
		return other
	}
	return value
}

// read returns a serial port's file with the line ends of this side.
func read(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}
