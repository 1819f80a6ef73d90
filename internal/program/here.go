package program

import (
	"bytes"
	"os"
	"strconv"
	"strings"

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

// notifyHere asks for the actions that filters may take, and for the kernel's version
// of what answers need: an answer and its socket in one step came with Linux 5.14.
func notifyHere() string {
	actions, err := os.ReadFile("/proc/sys/kernel/seccomp/actions_avail")
	switch {
	case err != nil:
		return "the kernel has no seccomp filters (" + err.Error() + ")"
	case !bytes.Contains(actions, []byte("user_notif")):
		return "the kernel has no user notification of seccomp (Linux 5.0)"
	case !kernelIs(5, 14):
		return "the kernel is older than Linux 5.14, and cannot answer with a socket"
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
	switch {
	case !kernelIs(6, 6):
		return "the kernel is older than Linux 6.6, and has no hook for it"
	case !privileged:
		return "it takes CAP_BPF and CAP_PERFMON, as root has"
	}
	return ""
}

func kernelIs(major, minor int) bool {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false
	}
	fields := strings.FieldsFunc(unix.ByteSliceToString(u.Release[:]), func(r rune) bool { return r < '0' || r > '9' })
	if len(fields) < 2 {
		return false
	}
	a, _ := strconv.Atoi(fields[0])
	b, _ := strconv.Atoi(fields[1])
	return a > major || a == major && b >= minor
}
