package program

import (
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// compatible are machines whose programs a kernel may run beside its own, when it was
// built so; an x86 kernel says so by listing system calls of 32 bits.
var compatible = []struct{ machine, others string }{
	{"x86_64", "i686 x32"}, {"aarch64", "arm"}, {"s390x", "s390"}, {"mips64", "mips"}, {"ppc64", "ppc"}, {"sparc64", "sparc"},
}

// Here is the host that this process runs on, with its rights, as a program would find
// it. It asks the kernel, and changes nothing.
func Here(p *Program) *Host {
	h := &Host{Machine: machineHere(), Refused: map[string]string{}, Unsure: map[string]string{}}
	for _, c := range compatible {
		if c.machine == h.Machine {
			h.Compatible = strings.Fields(c.others)
		}
	}
	if p != nil && p.Machine != h.Machine && len(p.Scripts) == 0 {
		h.Emulated = emulator("/proc/sys/fs/binfmt_misc", p.header)
	}
	rights := capabilitiesHere()
	has := func(capability int) bool { return rights&(1<<capability) != 0 }
	h.Admin = has(unix.CAP_SYS_ADMIN)
	if reason := mptcpHere(); reason != "" {
		for _, strategy := range []string{Notify, Trace, BPF, Godebug} {
			h.Refused[strategy] = reason
		}
		return h
	}
	h.refuse(Notify, notifyHere())
	h.refuse(Trace, traceHere(has(unix.CAP_SYS_PTRACE)))
	h.refuse(BPF, bpfHere(h.Admin || has(unix.CAP_BPF) && has(unix.CAP_PERFMON)))
	if h.Refused[BPF] == "" {
		h.Unsure[BPF] = "whether the kernel allows tracing programs shows when one is loaded"
	}
	return h
}

func (h *Host) refuse(strategy, reason string) {
	if reason != "" {
		h.Refused[strategy] = reason
	}
}

func machineHere() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	name := unix.ByteSliceToString(u.Machine[:])
	if strings.HasPrefix(name, "armv") {
		return "arm"
	}
	if len(name) == 4 && name[0] == 'i' && strings.HasSuffix(name, "86") {
		return "i686"
	}
	return name
}

func capabilitiesHere() uint64 {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0
	}
	return uint64(data[0].Effective) | uint64(data[1].Effective)<<32
}

func mptcpHere() string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return "there are no MPTCP sockets here: " + err.Error()
	}
	unix.Close(fd)
	return ""
}

// notifyHere asks whether filters may notify. Whether answers may carry descriptors shows
// when a listener is there.
func notifyHere() string {
	action := uint32(unix.SECCOMP_RET_USER_NOTIF)
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if errno != 0 {
		return "the kernel has no user notification of seccomp: " + errno.Error()
	}
	return ""
}

// traceHere asks Yama, the security module that restricts ptrace(2): what a process
// has started it may trace unless only the administrator may, or nobody.
func traceHere(privileged bool) string {
	scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return ""
	}
	switch strings.TrimSpace(string(scope)) {
	case "2":
		if !privileged {
			return "only the administrator may trace (kernel.yama.ptrace_scope=2)"
		}
	case "3":
		return "nobody may trace (kernel.yama.ptrace_scope=3)"
	}
	return ""
}

func bpfHere(privileged bool) string {
	if !privileged {
		return "it takes CAP_BPF and CAP_PERFMON, as root has"
	}
	return ""
}
