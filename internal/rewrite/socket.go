package rewrite

import (
	"errors"

	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// picked decides about a call that is about to happen. One that is not left as it is
// stops again at its end.
func (t *tracer) picked(tid int, k *task) {
	how := unix.PTRACE_CONT
	if info, ok := infoOf(tid, unix.PTRACE_SYSCALL_INFO_SECCOMP); ok {
		if c := info.call(); t.decide(tid, c, k.failed) {
			k.call, k.failed = c, nil
			how = unix.PTRACE_SYSCALL
		}
	}
	t.resume(tid, how, 0)
}

// decide reports whether there will be something to do at the end of the call; failed
// is one that is to happen again.
func (t *tracer) decide(tid int, c, failed *call) bool {
	what, err := c.Decode(tid)
	switch {
	case errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EFAULT): // killed; the kernel says EFAULT, too
	case what.Kind == seccomp.Ring:
		t.ring(tid, c)
	case c.same(failed):
		c.unavailable = failed.unavailable
		return true
	case err != nil:
		t.leave(tid, c, "the arguments of socketcall() cannot be read: "+errors.Unwrap(err).Error())
	case !what.Stream():
	case !c.rewritable():
		t.leave(tid, c, "calls of 32-bit programs are not rewritten on this processor")
	default:
		c.protocol = what.Args[2]
		err := c.put(tid, unix.IPPROTO_MPTCP)
		if err == nil || err == unix.ESRCH {
			return err == nil
		}
		t.leave(tid, c, "the arguments cannot be changed: "+err.Error())
	}
	return c.refused != 0
}

// leave lets a call happen as it is, or makes it fail when MPTCP is required.
func (t *tracer) leave(tid int, c *call, reason string) {
	if t.Require && c.refuse(tid, unix.EPROTONOSUPPORT) == nil {
		t.Tally.Refused(reason)
		return
	}
	t.Tally.Left(reason)
}

// ended looks at the result of a call, which the caller has not seen yet.
func (t *tracer) ended(tid int, k *task) {
	c := k.call
	k.call = nil
	if info, ok := infoOf(tid, unix.PTRACE_SYSCALL_INFO_EXIT); ok && c != nil {
		t.answer(tid, k, c, info.result())
	}
	t.resume(tid, unix.PTRACE_CONT, 0)
}

func (t *tracer) answer(tid int, k *task, c *call, result int64) {
	switch {
	case c.refused != 0:
		_ = c.skipped(tid)
		_ = setResult(tid, -int64(c.refused))
	case c.unavailable != "": // this was the second try
		if result >= 0 {
			t.Tally.Left(c.unavailable)
		}
	case c.put(tid, c.protocol) != nil: // killed
	case result >= 0:
		t.Tally.Converted()
		if t.Watch != nil {
			t.Watch.Held(tid, int(result))
		}
	default:
		t.fallBack(tid, k, c, unavailable(unix.Errno(-result)))
	}
}

// fallBack sees to a call that failed for want of MPTCP, if there is a reason.
func (t *tracer) fallBack(tid int, k *task, c *call, reason string) {
	switch {
	case reason == "":
	case t.Require:
		if setResult(tid, -int64(unix.EPROTONOSUPPORT)) == nil {
			t.Tally.Refused(reason)
		}
	case c.repeat(tid) == nil:
		c.unavailable = reason
		k.failed = c
	}
}
