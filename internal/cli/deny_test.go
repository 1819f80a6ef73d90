package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// deny runs a program on a system that denies it something, for real: `deny
// mptcp allroads demo`.
func deny(args []string) int {
	if err := denyAndRun(args[0], args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "deny:", err)
	}
	return 99
}

func denyAndRun(what string, command []string) error {
	runtime.LockOSThread()
	var err error
	switch what {
	case "mptcp": // as a kernel without it answers
		err = denySocket(2, unix.IPPROTO_MPTCP, unix.EPROTONOSUPPORT)
	case "packet":
		err = denySocket(0, unix.AF_PACKET, unix.EPERM)
	case "userns":
		return denyUserNamespaces(command)
	case "rights":
		err = dropRights()
	case "userns-inside":
		if err = os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0); err == nil {
			err = dropRights()
		}
	default:
		err = fmt.Errorf("%s: unknown", what)
	}
	if err != nil {
		return err
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, command, os.Environ())
}

// denySocket makes socket(2) fail when an argument has a value.
func denySocket(argument, value uint32, answer unix.Errno) error {
	const dataNumber, dataArgs = 0, 16 // offsets in struct seccomp_data
	low := dataArgs + 8*argument
	if isBigEndian() {
		low += 4
	}
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: dataNumber, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_SOCKET, SkipTrue: 3},
		bpf.LoadAbsolute{Off: low, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: value, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(answer)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	})
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return errno
	}
	return nil
}

func isBigEndian() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 0
}

// denyUserNamespaces runs the command in a user namespace that may have no
// other inside.
func denyUserNamespaces(command []string) error {
	self := exec.Command("/proc/self/exe", append([]string{"userns-inside"}, command...)...)
	self.Args[0] = "deny"
	self.Stdin, self.Stdout, self.Stderr = os.Stdin, os.Stdout, os.Stderr
	self.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	_ = self.Run()
	os.Exit(self.ProcessState.ExitCode())
	return nil
}

// dropRights takes all capabilities from what this process executes.
func dropRights() error {
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil && err != unix.EINVAL {
			return err
		}
	}
	return nil
}
