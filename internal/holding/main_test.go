package holding

import (
	"fmt"
	"os"
	"testing"

	"allroads/internal/netns/netnstest"
)

// holderVariable makes this test program a process that holds sockets.
const holderVariable = "ALLROADS_TEST_HOLDER"

func TestMain(m *testing.M) {
	if what := os.Getenv(holderVariable); what != "" {
		if err := hold(what); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	netnstest.Main(m)
}
