package policy_test

import (
	"testing"

	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
