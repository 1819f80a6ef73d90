package pathtest_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// serve is a server that gives back what it gets, on the addresses that it is given,
// until it is killed: a program of its own, for connections by the thousand.
func serve(addresses []string) int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit.Max, Max: limit.Max})
	}
	for _, at := range addresses {
		listener, err := listen(netip.MustParseAddrPort(at))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					time.Sleep(time.Millisecond)
					continue
				}
				go echo(conn, nil)
			}
		}()
	}
	fmt.Println("ready")
	select {}
}

func listen(at netip.AddrPort) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(true)
	return config.Listen(context.Background(), "tcp", at.String())
}

// echo gives back what comes, and ends when the client does.
func echo(conn net.Conn, got func(n int)) {
	defer conn.Close()
	buffer := make([]byte, 16<<10)
	if got == nil {
		buffer = buffer[:64]
	}
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if got != nil {
			got(n)
		}
		if _, err := conn.Write(buffer[:min(n, 1)]); err != nil {
			return
		}
	}
}

// echoes runs serve in the server.
func (s *site) echoes(at ...string) *process {
	s.Helper()
	p := s.start(s.server, []string{roleVariable + "=server"}, "/proc/self/exe", at...)
	s.await("the server is ready", func() bool { return strings.Contains(p.log.String(), "ready") })
	return p
}

// sink is a server in this process, which notes when data comes, and answers each piece
// of it with a byte.
type sink struct {
	mutex sync.Mutex
	came  []time.Time
	bytes int
}

func (s *site) sink(host *lab.Host, at string) *sink {
	s.Helper()
	var listener net.Listener
	must(s, host.Run(func() (err error) {
		listener, err = listen(netip.MustParseAddrPort(at))
		return err
	}))
	s.Cleanup(func() { listener.Close() })
	k := &sink{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn, k.got)
		}
	}()
	return k
}

func (k *sink) got(n int) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.came = append(k.came, time.Now())
	k.bytes += n
}

// gap is the longest time without data since a moment, until now.
func (k *sink) gap(since time.Time) (longest time.Duration) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	last := since
	for _, at := range k.came {
		if at.After(since) {
			longest, last = max(longest, at.Sub(last)), at
		}
	}
	return max(longest, time.Since(last))
}
