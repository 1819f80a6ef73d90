package hook

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"
)

// ErrNotSupported is wrapped by the error when this system cannot have the hook. The
// text says what the kernel said, and the way round.
var ErrNotSupported = errors.New("bpf hook of socket() not supported")

// otherwise is the way round for whoever can do without BPF.
const otherwise = "or take another strategy: allroads run --strategy notify"

// refusal puts what is behind the refusal to load or attach the program into words.
func refusal(action string, err error) error {
	var reason string
	switch {
	case errors.Is(err, btf.ErrNotFound):
		reason = "this kernel has no " + target + " in its BTF: run Linux 6.6 or newer"
	case errors.Is(err, unix.EPERM) && !capable():
		reason = "it takes CAP_BPF and CAP_PERFMON: run it as root, outside of a user namespace"
	case errors.Is(err, unix.EPERM):
		reason = "this host refuses tracing programs of BPF even to root"
	case errors.Is(err, unix.E2BIG):
		reason = "there are as many programs at it as the kernel allows: detach one"
	case errors.Is(err, ebpf.ErrNotSupported):
		reason = "this kernel cannot have BPF programs at functions: it takes CONFIG_DEBUG_INFO_BTF," +
			" CONFIG_BPF_JIT and an architecture with trampolines"
	case errors.Is(err, os.ErrNotExist):
		reason = "this kernel has no BTF: it takes CONFIG_DEBUG_INFO_BTF"
	default:
		return fmt.Errorf("%s: %w", action, err)
	}
	return fmt.Errorf("%s: %w: %w: %s, %s", action, ErrNotSupported, kernels(err), reason, otherwise)
}

// kernels are the kernel's own words: the library adds to them a guess at a limit
// of memory, which load takes away beforehand.
func kernels(err error) error {
	var number unix.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}

// The effective capabilities that the kernel asks for, as in bpf_prog_load of
// kernel/bpf/syscall.c; CAP_SYS_ADMIN does for both.
const (
	capBPF     = 1 << unix.CAP_BPF
	capPerfmon = 1 << unix.CAP_PERFMON
	capAdmin   = 1 << unix.CAP_SYS_ADMIN
)

// capable reports whether this process has the capabilities, in whatever user
// namespace.
func capable() bool {
	text, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if word, ok := strings.CutPrefix(line, "CapEff:"); ok {
			has, _ := strconv.ParseUint(strings.TrimSpace(word), 16, 64)
			return (has&capAdmin != 0 || has&capBPF != 0 && has&capPerfmon != 0) && initialUser()
		}
	}
	return false
}

// initialUser reports whether all users are mapped to themselves: capabilities of
// another user namespace do not count for BPF.
func initialUser() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(text)), " ") == "0 0 4294967295"
}
