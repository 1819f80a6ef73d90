package convert_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// This program is also one that is run: with OPEN it waits for so long, opens a socket
// and says of which protocol it is.
func TestMain(m *testing.M) {
	wait, asked := os.LookupEnv("OPEN")
	if !asked {
		os.Exit(m.Run())
	}
	d, _ := time.ParseDuration(wait)
	time.Sleep(d)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	protocol := 0
	if err == nil {
		protocol, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	}
	fmt.Println(protocol, err)
}
