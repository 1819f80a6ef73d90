package supervisor_test

import (
	"net"
	"os"
	"strconv"
	"testing"

	"allroads/internal/supervisor"

	"golang.org/x/sys/unix"
)

func itoa(n int) string { return strconv.Itoa(n) }

// connected is a pair of sockets.
func connected(t testing.TB) (a, b *net.UnixConn) {
	t.Helper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	var conns [2]*net.UnixConn
	for i, fd := range ends {
		file := os.NewFile(uintptr(fd), "socket")
		c, err := net.FileConn(file)
		file.Close()
		must(t, err)
		conns[i] = c.(*net.UnixConn)
		t.Cleanup(func() { c.Close() })
	}
	return conns[0], conns[1]
}

// FuzzAccept reads what any program could send, with files that are not leaked.
func FuzzAccept(f *testing.F) {
	f.Add([]byte("\n{\"op\": \"about\"}"), uint8(0))
	f.Add([]byte("\n{\"op\": \"exec\", \"exec\": {\"host\": \"a\", \"command\": [\"true\"]}}"), uint8(3))
	f.Add([]byte("\n{\"op\": 1}"), uint8(5))
	f.Add([]byte("\n"), uint8(1))
	f.Add([]byte("x{"), uint8(4))
	f.Fuzz(func(t *testing.T, message []byte, files uint8) {
		if len(message) == 0 || len(message) > 4096 {
			t.Skip()
		}
		before := openFiles(t)
		a, b := connected(t)
		_, _, err := a.WriteMsgUnix(message, unix.UnixRights(make([]int, files%8)...), nil)
		must(t, err)
		must(t, a.CloseWrite())
		if n, _, err := supervisor.Accept(b); n > 3 || err != nil && n > 0 {
			t.Errorf("%d files and %v", n, err)
		}
		a.Close()
		b.Close()
		if after := openFiles(t); after > before {
			t.Errorf("%d open files, before %d", after, before)
		}
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(files)
}
