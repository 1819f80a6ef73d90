package top_test

import (
	"context"
	"os"
	"testing"
	"time"

	"allroads/internal/cli"
	"allroads/internal/live"
	"allroads/internal/top"
	"allroads/lab"
)

// programVariable makes this test program allroads, or one that crashes.
const programVariable = "ALLROADS_TOP_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(programVariable) {
	case "crash":
		_ = top.Run(context.Background(), os.Stdin, os.Stdout, top.Options{
			Open:     func(context.Context, bool) (top.Source, error) { return new(fragile), nil },
			Interval: 100 * time.Millisecond, NoEvents: true,
		})
	case "":
		lab.Main(m)
	default:
		os.Exit(cli.Main(os.Args[1:]))
	}
}

// fragile is a source that crashes when it is looked at for the fifth time.
type fragile struct{ looks int }

func (f *fragile) Look(context.Context) (*live.Snapshot, error) {
	if f.looks++; f.looks == 5 {
		panic("fragile")
	}
	return &live.Snapshot{At: time.Now()}, nil
}

func (f *fragile) Close() error { return nil }
