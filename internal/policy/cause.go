package policy

import (
	"errors"
	"syscall"

	"allroads/pathmanager"
	"allroads/wire"
)

// Cause is why a subflow was lost, or could not be made.
type Cause string

// The causes, as an operator reads them.
const (
	Ended          Cause = "closed without an error"               // by either end; also when its address is withdrawn
	Unanswered     Cause = "no answer"                             // ETIMEDOUT
	Refused        Cause = "refused"                               // ECONNREFUSED, or reset during the handshake
	Reset          Cause = "reset"                                 // without a reason, or an unspecified one
	ProtocolError  Cause = "MPTCP-specific error"                  // reason 1
	NoResources    Cause = "lack of resources at the peer"         // reason 2
	Prohibited     Cause = "administratively prohibited"           // reason 3
	TooMuchData    Cause = "too much outstanding data"             // reason 4
	BadPerformance Cause = "unacceptable performance"              // reason 5
	Middlebox      Cause = "middlebox interference"                // reason 6
	Transient      Cause = "reset, for a reason that passes"       // reasons 1, 3 and 6 with the flag T
	Unreachable    Cause = "unreachable"                           // told by the network: ENETUNREACH, EHOSTUNREACH in an event
	NoRoute        Cause = "no route"                              // told by this host: the same, when the command is given
	NoAddress      Cause = "the address cannot be used"            // EADDRNOTAVAIL
	NoDevice       Cause = "the interface is gone"                 // ENODEV, ENXIO
	Down           Cause = "the network is down"                   // ENETDOWN
	Forbidden      Cause = "forbidden on this host"                // EPERM, EACCES: a firewall, or missing rights
	Short          Cause = "lack of memory on this host"           // ENOBUFS, ENOMEM, EAGAIN
	Full           Cause = "as many as the kernel allows"          // pathmanager.ErrTooMany
	Exists         Cause = "it exists already"                     // pathmanager.ErrExists, EADDRINUSE
	Gone           Cause = "the connection is gone"                // pathmanager.ErrNotFound
	OtherManager   Cause = "the kernel manages this connection"    // pathmanager.ErrNotUserspace
	Unsupported    Cause = "this kernel does not support it"       // pathmanager.ErrNotSupported
	Unknown        Cause = "an error that allroadsd does not know" // all others
)

// resetTransient is the flag T of MP_TCPRST (RFC 8684 section 3.6).
const resetTransient = 1

// reasons are those of MP_TCPRST; permanent without the flag T.
var reasons = map[wire.ResetReason]struct{ permanent, transient Cause }{
	wire.ResetUnspecified:    {Reset, Reset},
	wire.ResetMPTCPError:     {ProtocolError, Transient},
	wire.ResetNoResources:    {NoResources, NoResources},
	wire.ResetProhibited:     {Prohibited, Transient},
	wire.ResetTooMuchData:    {TooMuchData, TooMuchData},
	wire.ResetBadPerformance: {BadPerformance, BadPerformance},
	wire.ResetMiddlebox:      {Middlebox, Transient},
}

// CauseOf tells why a subflow was closed. The peer's reason says more than the error,
// which is ECONNRESET with all of them.
func CauseOf(event pathmanager.Event) Cause {
	if event.ResetReason != nil && *event.ResetReason <= 255 {
		known, ok := reasons[wire.ResetReason(*event.ResetReason)]
		switch transient := event.ResetFlags != nil && *event.ResetFlags&resetTransient != 0; {
		case !ok:
			return Reset
		case transient:
			return known.transient
		default:
			return known.permanent
		}
	}
	if event.Error == nil || *event.Error == 0 {
		return Ended
	}
	switch errno := syscall.Errno(*event.Error); errno {
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH:
		return Unreachable
	default:
		return causeOf(errno)
	}
}

// CauseOfError tells why a command to make a subflow was refused. Nil is Ended.
func CauseOfError(err error) Cause {
	var errno syscall.Errno
	switch {
	case err == nil:
		return Ended
	case errors.Is(err, pathmanager.ErrNotUserspace):
		return OtherManager
	case errors.As(err, &errno) && errnos[errno] != "":
		return errnos[errno]
	case errors.Is(err, pathmanager.ErrNotFound):
		return Gone
	case errors.Is(err, pathmanager.ErrTooMany):
		return Full
	case errors.Is(err, pathmanager.ErrExists):
		return Exists
	case errors.Is(err, pathmanager.ErrNotSupported):
		return Unsupported
	}
	return Unknown
}

var errnos = map[syscall.Errno]Cause{
	syscall.ETIMEDOUT:     Unanswered,
	syscall.ECONNREFUSED:  Refused,
	syscall.ECONNRESET:    Reset,
	syscall.EPIPE:         Reset,
	syscall.ECONNABORTED:  Reset,
	syscall.ENETUNREACH:   NoRoute,
	syscall.EHOSTUNREACH:  NoRoute,
	syscall.EADDRNOTAVAIL: NoAddress,
	syscall.ENODEV:        NoDevice,
	syscall.ENXIO:         NoDevice,
	syscall.ENETDOWN:      Down,
	syscall.EPERM:         Forbidden,
	syscall.EACCES:        Forbidden,
	syscall.ENOBUFS:       Short,
	syscall.ENOMEM:        Short,
	syscall.EAGAIN:        Short,
	syscall.EADDRINUSE:    Exists,
	syscall.EEXIST:        Exists,
	syscall.EBUSY:         Exists,
	syscall.ERANGE:        Full,
	syscall.ESRCH:         Gone,
	syscall.ENOENT:        Gone,
	syscall.EOPNOTSUPP:    Unsupported,
}

func causeOf(errno syscall.Errno) Cause {
	if cause, known := errnos[errno]; known {
		return cause
	}
	return Unknown
}
