//go:build !linux

package sockdiag

import (
	"context"
	"fmt"
	"iter"
	"runtime"
)

type source struct{}

func open(context.Context, int) (*source, error) {
	return nil, fmt.Errorf("%w on %s: it takes Linux 5.9 or newer", ErrNotSupported, runtime.GOOS)
}

func (*source) close() error { return nil }

func (*source) connections(context.Context, Filter) iter.Seq2[*Connection, error] {
	return func(func(*Connection, error) bool) {}
}
