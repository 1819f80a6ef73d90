package pathmanager

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestNoPathManager asks a real kernel for a family that none has.
func TestNoPathManager(t *testing.T) {
	absent := func(o *dialOptions) { o.family = "mptcp_none" }
	conn, err := Dial(context.Background(), absent)
	if !errors.Is(err, ErrNotSupported) || conn != nil {
		t.Errorf("Dial without the family = %v, %v, want ErrNotSupported", conn, err)
	}
}

// TestFamilyRefused is a refusal that does not mean that the family is missing:
// its name is longer than the kernel's policy allows.
func TestFamilyRefused(t *testing.T) {
	long := strings.Repeat("n", 100)
	_, err := Dial(context.Background(), func(o *dialOptions) { o.family = long })
	if err == nil || errors.Is(err, ErrNotSupported) || !strings.Contains(err.Error(), "find netlink family "+long) {
		t.Errorf("Dial with a name that is too long: %v", err)
	}
}
