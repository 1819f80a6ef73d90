package rewrite

import "golang.org/x/sys/unix"

// unavailable is why an error means that there is no MPTCP; empty for those which a
// plain TCP socket would have met, too.
func unavailable(errno unix.Errno) string {
	switch errno {
	case unix.ENOPROTOOPT:
		return "MPTCP is switched off (net.mptcp.enabled=0)"
	case unix.EPROTONOSUPPORT, unix.EINVAL, unix.ESOCKTNOSUPPORT:
		return "this kernel has no MPTCP for this address family"
	case unix.EAFNOSUPPORT:
		return "this kernel does not have this address family"
	case unix.EACCES, unix.EPERM:
		return "the program may not open an MPTCP socket: " + errno.Error()
	}
	return ""
}
