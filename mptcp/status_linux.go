package mptcp

// readStatus asks for what a socket is, with one system call when that is MPTCP.
func readStatus(fd int) (Status, error) { return readStatusSince(fd, nil) }

// readStatusSince is readStatus with counters from before the fallback.
func readStatusSince(fd int, before *counters) (Status, error) {
	is, err := isMPTCP(fd)
	if err != nil {
		return Status{}, err
	}
	if is {
		return Status{Kind: KindMPTCP}, nil
	}
	made, err := madeMPTCP(fd)
	if err != nil {
		return Status{}, err
	}
	if !made {
		return Status{Kind: KindTCP}, nil
	}
	return Status{KindFallback, fallbackCause(fd, before)}, nil
}

// The kernel marks a connection a moment before it counts what that was for.
const causeTries = 3

// fallbackCause finds the one cause that fits both the socket's own state and the
// counters of its network namespace.
func fallbackCause(fd int, before *counters) (cause FallbackCause) {
	for range causeTries {
		err := inNamespaceOf(fd, func(diag *diagSocket) {
			possible := readEvidence(fd, diag).causes()
			if now, err := readCounters(); err == nil {
				possible &= now.since(before)
			}
			cause = possible.only()
		})
		if err != nil || cause != CauseUnknown {
			break
		}
	}
	return cause
}
