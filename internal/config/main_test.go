package config_test

import (
	"net/netip"
	"os"
	"testing"

	"allroads/internal/config"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// compare makes cmp compare what configurations mean.
var compare = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func parsed(t testing.TB, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("t.yaml", []byte(text))
	must(t, err)
	return c
}

func file(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

func pointer[T any](v T) *T { return &v }
