package program

import (
	"debug/buildinfo"
	"os"
	"testing"
)

// BenchmarkInspect has the go tool, beside debug/buildinfo, which tells less.
func BenchmarkInspect(b *testing.B) {
	path, err := Find("go")
	if err != nil {
		b.Skip(err)
	}
	if other := os.Getenv("ALLROADS_PROGRAM"); other != "" {
		path = other
	}
	b.Run("inspect", func(b *testing.B) {
		for b.Loop() {
			if _, err := Inspect(path); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decide", func(b *testing.B) {
		for b.Loop() {
			p, err := Inspect(path)
			if err == nil {
				err = p.DecideGodebug()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("examine", func(b *testing.B) {
		for b.Loop() {
			if _, err := Examine(path); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("buildinfo", func(b *testing.B) {
		for b.Loop() {
			_, _ = buildinfo.ReadFile(path)
		}
	})
}
