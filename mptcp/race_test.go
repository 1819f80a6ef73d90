package mptcp

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A context that ends before anything could begin is the error.
func TestRaceEndsWithContext(t *testing.T) {
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := race{delay: time.Hour}
	r.add("here", nil, broken)
	r.add("there", nil, broken)
	if conn, err := r.run(ctx); conn != nil || !errors.Is(err, context.Canceled) || err.Error() != "context canceled" {
		t.Errorf("raced to %v, %v", conn, err)
	}
	r = race{delay: time.Hour}
	r.add("here", nil, broken)
	r.add("there", nil, broken)
	if conn, err := r.run(t.Context()); conn != nil || err.Error() != "from here: broken; from there: broken" {
		t.Errorf("raced to %v, %v", conn, err)
	}
}
