package daemon

import (
	"os"
	"testing"

	"allroads/internal/netns/netnstest"
)

// programVariable makes this test binary allroadsd.
const programVariable = "ALLROADSD_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(Main(os.Args[1:]))
	}
	netnstest.Main(m)
}
