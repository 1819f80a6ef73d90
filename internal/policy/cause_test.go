package policy_test

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"testing"
	"time"

	"allroads/internal/policy"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

func closed(errno syscall.Errno) pathmanager.Event {
	number := uint8(errno)
	return pathmanager.Event{Type: pathmanager.SubflowClosed, Error: &number}
}

func reset(reason, flags uint32) pathmanager.Event {
	event := closed(unix.ECONNRESET)
	event.ResetReason, event.ResetFlags = &reason, &flags
	return event
}

func TestCauseOf(t *testing.T) {
	const transient = 1
	bare := reset(6, 0)
	bare.ResetFlags = nil
	for _, c := range []struct {
		event pathmanager.Event
		want  policy.Cause
	}{
		{pathmanager.Event{Type: pathmanager.SubflowClosed}, policy.Ended},
		{closed(0), policy.Ended},
		{closed(unix.ETIMEDOUT), policy.Unanswered},
		{closed(unix.ECONNREFUSED), policy.Refused},
		{closed(unix.ECONNRESET), policy.Reset},
		{closed(unix.ENETUNREACH), policy.Unreachable},
		{closed(unix.EHOSTUNREACH), policy.Unreachable},
		{closed(unix.EADDRNOTAVAIL), policy.NoAddress},
		{closed(unix.EPERM), policy.Forbidden},
		{closed(unix.EXDEV), policy.Unknown},
		{reset(0, 0), policy.Reset},
		{reset(0, transient), policy.Reset},
		{reset(1, 0), policy.ProtocolError},
		{reset(1, transient), policy.Transient},
		{reset(2, transient), policy.NoResources},
		{reset(3, 0), policy.Prohibited},
		{reset(3, transient), policy.Transient},
		{reset(4, 0), policy.TooMuchData},
		{reset(5, 8), policy.BadPerformance},
		{reset(6, 0), policy.Middlebox},
		{reset(6, 14), policy.Middlebox}, // U, V and W without T
		{reset(6, transient), policy.Transient},
		{bare, policy.Middlebox},
		{reset(7, 0), policy.Reset},
		{reset(math.MaxUint32, 0), policy.Reset},
	} {
		if got := policy.CauseOf(c.event); got != c.want {
			t.Errorf("%+v: %s, want %s", c.event, got, c.want)
		}
	}
}

func TestCauseOfError(t *testing.T) {
	invalid := func(text string) error { return &pathmanager.Error{Errno: unix.EINVAL, Text: text} }
	for _, c := range []struct {
		err  error
		want policy.Cause
	}{
		{nil, policy.Ended},
		{unix.ENETUNREACH, policy.NoRoute},
		{unix.EHOSTUNREACH, policy.NoRoute},
		{&pathmanager.Error{Errno: unix.EADDRNOTAVAIL, Text: "connect error: -99"}, policy.NoAddress},
		{&pathmanager.Error{Errno: unix.EPERM}, policy.Forbidden},
		{&pathmanager.Error{Errno: unix.ENOBUFS}, policy.Short},
		{&pathmanager.Error{Errno: unix.ERANGE, Text: "too many addresses or duplicate one: -34"}, policy.Full},
		{&pathmanager.Error{Errno: unix.EBUSY}, policy.Exists},
		{invalid("limit greater than maximum (8)"), policy.Full},
		{invalid("invalid token"), policy.Gone},
		{invalid("userspace PM not selected"), policy.OtherManager},
		{&pathmanager.Error{Errno: unix.EOPNOTSUPP}, policy.Unsupported},
		{&pathmanager.Error{Errno: unix.ENODEV}, policy.NoDevice},
		{invalid("something else"), policy.Unknown},
		{errors.New("something else"), policy.Unknown},
	} {
		for _, err := range []error{c.err, fmt.Errorf("make a subflow: %w", c.err)} {
			if c.err == nil {
				err = nil
			}
			if got := policy.CauseOfError(err); got != c.want {
				t.Errorf("%v: %s, want %s", err, got, c.want)
			}
		}
	}
	// As errors come from a real caller, wrapped twice.
	if err := new(pathmanagertest.Fake).DeleteEndpoint(t.Context(), 3, number(1)); policy.CauseOfError(err) != policy.Gone {
		t.Errorf("%v: %s", err, policy.CauseOfError(err))
	}
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		cause    policy.Cause
		failures int
		want     time.Duration
	}{
		{policy.Reset, 0, time.Second}, {policy.Reset, 1, time.Second}, {policy.Reset, 4, 8 * time.Second},
		{policy.Reset, 9, 256 * time.Second}, {policy.Reset, 10, 5 * time.Minute}, {policy.Reset, math.MaxInt, 5 * time.Minute},
		{policy.Unanswered, 1, 2 * time.Second}, {policy.Prohibited, 1, 10 * time.Minute}, {policy.Prohibited, 99, 2 * time.Hour},
		{"never heard of", 1, 10 * time.Second},
	} {
		if got, again := policy.Backoff(c.cause, c.failures); got != c.want || !again {
			t.Errorf("%s, %d failures: %v %v, want %v", c.cause, c.failures, got, again, c.want)
		}
	}
	for _, cause := range []policy.Cause{policy.NoRoute, policy.NoAddress, policy.Middlebox, policy.ProtocolError, policy.Gone, policy.OtherManager} {
		if wait, again := policy.Backoff(cause, 1); again {
			t.Errorf("%s is tried again after %v", cause, wait)
		}
	}
}

// TestJitter: within a quarter, the same for the same seed, and spread for others.
func TestJitter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		wait, seed := time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(r, "wait")), rapid.Uint64().Draw(r, "seed")
		got := policy.Jitter(wait, seed)
		if got != policy.Jitter(wait, seed) || got < wait*3/4 || got > wait*5/4 {
			r.Errorf("%v becomes %v", wait, got)
		}
	})
	quarters := [4]int{}
	for seed := range uint64(1000) {
		quarters[(policy.Jitter(time.Hour, seed)-45*time.Minute)*4/(30*time.Minute+1)]++
	}
	for i, n := range quarters {
		if n < 180 || n > 320 {
			t.Errorf("%d of 1000 seeds are in quarter %d", n, i)
		}
	}
}
