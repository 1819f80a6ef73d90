package mptcp

import (
	"slices"
	"strconv"
)

// Compatibility is how an MPTCP socket takes a socket option, compared with a TCP
// socket: what is SameAsTCP works where it works there. A connection that fell back
// takes options as TCP does. An accepted one is an MPTCP socket only if the client
// does MPTCP: what is refused works for some clients, and not for others.
//
// The table is that of Linux 6.18; net/mptcp/sockopt.c has grown with each version
// since 5.13, and older kernels refuse more.
type Compatibility struct {
	// Level and Option are as for setsockopt(2), with the numbers of Linux on amd64,
	// arm64, 386, arm, riscv64 and s390x: some architectures, such as mips and sparc,
	// have others for level SOL_SOCKET.
	Level, Option int

	// Name is that of the header: "TCP_USER_TIMEOUT". It is empty for an option that
	// is not in the table: of that one nothing is known here.
	Name string

	Set          Refusal // setting it on a new socket
	SetConnected Refusal // setting it once the socket is connected
	Get          Refusal // reading it

	// Since is the Linux version from which on it is as said here: "6.9"; before, all
	// use was refused, save by a distribution's kernel that took the change earlier. It
	// is empty where no change is known since 5.16, the first with MPTCP_INFO.
	Since string
}

// Known reports whether the option is in the table.
func (c Compatibility) Known() bool { return c.Name != "" }

// Works reports whether the option is known to do on MPTCP whatever it does on TCP.
func (c Compatibility) Works() bool {
	return c.Known() && c.Set == SameAsTCP && c.SetConnected == SameAsTCP && c.Get == SameAsTCP
}

// Refusal is the errno by which MPTCP refuses what works on TCP.
type Refusal uint8

// The refusals there are.
const (
	SameAsTCP    Refusal = iota
	NotSupported         // EOPNOTSUPP
	NoSuchOption         // ENOPROTOOPT
	Invalid              // EINVAL
)

var refusalNames = [...]string{
	SameAsTCP: "same as tcp", NotSupported: "EOPNOTSUPP", NoSuchOption: "ENOPROTOOPT", Invalid: "EINVAL",
}

// String returns the name of the errno, "same as tcp" for none.
func (r Refusal) String() string {
	if int(r) < len(refusalNames) {
		return refusalNames[r]
	}
	return "Refusal(" + strconv.Itoa(int(r)) + ")"
}

// Levels of options, as Linux numbers them.
const (
	levelIP     = 0
	levelSocket = 1
	levelTCP    = 6
	levelIPv6   = 41
)

// Compatible looks an option up. An option that is not in the table comes back with
// its numbers alone.
func Compatible(level, option int) Compatibility {
	table := tableOf(level)
	if i := slices.IndexFunc(table, func(c Compatibility) bool { return c.Option == option }); i >= 0 {
		return table[i]
	}
	return Compatibility{Level: level, Option: option}
}

func tableOf(level int) []Compatibility {
	switch level {
	case levelSocket:
		return socketOptions
	case levelTCP:
		return tcpOptions
	case levelIP:
		return ipOptions
	case levelIPv6:
		return ipv6Options
	}
	return nil
}

// SocketOptions is the whole table, level by level.
func SocketOptions() []Compatibility {
	return slices.Concat(socketOptions, tcpOptions, ipOptions, ipv6Options)
}
