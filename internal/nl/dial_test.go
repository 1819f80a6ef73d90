package nl_test

import (
	"errors"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// TestDialRequests finds families as the library does, and none that there is not.
func TestDialRequests(t *testing.T) {
	conn := dial(t)
	family, err := conn.GetFamily("mptcp_pm")
	if err != nil {
		netnstest.Missing(t, "the kernel's MPTCP path manager")
	}
	r, err := nl.DialRequests("mptcp_pm")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := nl.NewRequests(conn, family.ID)
	if err != nil {
		t.Fatal(err)
	}
	// Limits, which any user may read, as the library's number finds them.
	var got, want string
	if err := r.Do(6, 1, 0, nil, func(b []byte) error { got = string(b); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Do(6, 1, 0, nil, func(b []byte) error { want = string(b); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 || len(got) != len(want) {
		t.Errorf("limits %x, by the library's number %x", got, want)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Do(6, 1, 0, nil, fine); !errors.Is(err, unix.EBADF) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := nl.DialRequests("no_such_family"); !errors.Is(err, unix.ENOENT) {
		t.Errorf("a family that is not there: %v", err)
	}
}
