package convert

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"allroads/internal/program"
)

// host is what speaks against strategies: what is asked for, the program, the kernel.
type host struct {
	options Options
	program *program.Program
	here    *program.Host
}

// against returns why a strategy is not for this program here, or nil.
func (h *host) against(s Strategy) error {
	if asked := h.options.Strategy; asked != "" && s != asked {
		return errors.New(string(asked) + " was asked for")
	}
	if err := h.wishes(s); err != nil {
		return err
	}
	way := h.way(s)
	switch {
	case way.Works == program.No, way.Works == program.Unknown && s == Godebug && h.options.Strategy == "":
		return errors.New(way.Why)
	case s == BPF && h.options.Strategy == "":
		return hookRefused()
	case h.losesPrivileges(s) && h.options.Strategy == "":
		return errors.New(way.But[0])
	}
	return nil
}

// way is what is known of a strategy before it is tried.
func (h *host) way(s Strategy) program.Way {
	if s == Godebug {
		if err := h.program.DecideGodebug(); err != nil {
			return program.Way{Works: program.No, Why: err.Error()}
		}
	}
	ways := program.Ways(h.program, h.here)
	return ways[slices.IndexFunc(ways, func(w program.Way) bool { return w.Strategy == string(s) })]
}

// losesPrivileges reports whether the filter of a strategy would take set-uid and the
// like away, without which such a program is of no use.
func (h *host) losesPrivileges(s Strategy) bool {
	return (s == Notify || s == Trace) && !h.here.Admin && h.program.Privileges.Any()
}

// wishes are what only some strategies can do.
func (h *host) wishes(s Strategy) error {
	switch o := h.options; {
	case o.PreserveIdentity && s == Notify:
		return errors.New("its sockets are made by allroads, and --preserve-identity is given")
	case o.Rules != nil && s != Notify:
		return errors.New("it cannot decide by destination (--only, --except)")
	case o.Require && (s == Godebug || s == BPF):
		return errors.New("it cannot make socket() fail (--require)")
	case o.Exec && (s == Trace || s == BPF):
		return errors.New("it takes another process beside the program (--exec)")
	case o.Cgroup != "" && s != BPF:
		return errors.New("it knows no cgroups (--cgroup)")
	}
	return nil
}

// mptcpHere reports whether socket(2) makes MPTCP sockets of TCP ones here already. The
// error says why there is no MPTCP here at all.
func mptcpHere() (already bool, err error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return false, fmt.Errorf("make an MPTCP socket: %w%s", err, remedy(err))
	}
	unix.Close(fd)
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false, nil // No IPv4, or a filter: not ours to judge.
	}
	defer unix.Close(fd)
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	return err == nil && protocol == unix.IPPROTO_MPTCP, nil
}

func remedy(err error) string {
	switch {
	case errors.Is(err, unix.ENOPROTOOPT):
		return " (switched off): sysctl net.mptcp.enabled=1"
	case errors.Is(err, unix.EPROTONOSUPPORT):
		return ": this kernel has no MPTCP: one with CONFIG_MPTCP, Linux 5.6 or newer"
	}
	return ""
}
