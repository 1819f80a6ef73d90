package oracle_test

import (
	"testing"

	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) { netnstest.Main(m) }
