package lab_test

import (
	"os"
	"testing"

	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(helperVar); task != "" {
		os.Exit(help(task))
	}
	if os.Getenv(elsewhereVar) != "" {
		settle()
	}
	netnstest.Main(m)
}
