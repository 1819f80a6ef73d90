package netns_test

import (
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func BenchmarkNew(b *testing.B) {
	netnstest.Require(b)
	for b.Loop() {
		ns, err := netns.New()
		if err != nil {
			b.Fatal(err)
		}
		ns.Close()
	}
}

func BenchmarkDo(b *testing.B) {
	ns := netnstest.New(b)
	for b.Loop() {
		if err := ns.Do(func() error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
