package replace

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// connect is a client in Go.
func connect(url string) int {
	client := http.Client{Timeout: 20 * time.Second}
	response, err := client.Get(url)
	if err == nil {
		_, err = io.Copy(os.Stdout, response.Body)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// server answers over HTTP, and says whether a connection was of MPTCP.
type server struct {
	address netip.AddrPort
	mu      sync.Mutex
	mptcp   []bool // each connection
}

func newServer(t *testing.T, address string) *server {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(true)
	listener, err := config.Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: netip.MustParseAddrPort(listener.Addr().String())}
	web := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			used, err := c.(*net.TCPConn).MultipathTCP()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.mptcp = append(s.mptcp, used && err == nil)
			return ctx
		},
	}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })
	return s
}

func (s *server) seen() []bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mptcp
}

// supervise runs a program, and replaces its sockets before they connect to an address.
func supervise(t *testing.T, cmd *exec.Cmd, chosen netip.AddrPort) (output string, reasons []error) {
	t.Helper()
	started := make(chan error)
	var listener *seccomp.Listener
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	go offMain(func() { // The thread with the filter ends.
		installed, err := seccomp.Filter{Addresses: true}.Notify()
		if err == nil {
			listener = installed.Listener
			err = cmd.Start()
		}
		started <- err
	})
	err := <-started
	if errors.Is(err, seccomp.ErrHasListener) {
		netnstest.Missing(t, "a seccomp listener of our own")
	} else if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for {
		ready, err := listener.Wait(-1)
		if err == io.EOF {
			break
		}
		if ready {
			reasons = append(reasons, decide(listener, chosen)...)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v: %s", cmd, err, out.String())
	}
	return out.String(), reasons
}

// decide answers one call, with the errors of Socket.
func decide(l *seccomp.Listener, chosen netip.AddrPort) (reasons []error) {
	var n seccomp.Notification
	if l.Receive(&n) != nil {
		return nil
	}
	defer l.Continue(n.ID)
	call, err := n.Call.Decode(int(n.PID))
	if err != nil || call.Kind != seccomp.Connect || destination(int(n.PID), call) != chosen {
		return nil
	}
	socket, cloexec, err := Socket(int(n.PID), int(call.Args[0]))
	if err != nil {
		return []error{err}
	}
	defer unix.Close(socket)
	if err := l.Replace(n.ID, socket, int(call.Args[0]), cloexec); err != nil {
		return []error{err}
	}
	return nil
}

func destination(pid int, call seccomp.Call) netip.AddrPort {
	address := make([]byte, min(call.Args[2], unix.SizeofSockaddrInet6))
	if len(address) < unix.SizeofSockaddrInet4 || seccomp.Read(pid, call.Args[1], address) != nil {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(address[2:])
	switch binary.NativeEndian.Uint16(address) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(address[4:])), port)
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(address[8:])).Unmap(), port)
	}
	return netip.AddrPort{}
}

const asyncioClient = `
import asyncio, sys
from urllib.parse import urlparse
async def main():
    for url in sys.argv[1:]:
        u = urlparse(url)
        r, w = await asyncio.open_connection(u.hostname, u.port)
        w.write(b"GET / HTTP/1.0\r\n\r\n")
        print((await r.read()).decode().split()[-1])
        w.close()
asyncio.run(main())`

const nodeClient = `
const http = require("http");
for (const url of process.argv.slice(1))
  http.get(url, {agent: false}, r => r.on("data", d => process.stdout.write(d)));`

// TestPrograms: unchanged programs connect to one server with MPTCP, and to another,
// which was not chosen, with TCP.
func TestPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		env  string
	}{
		"curl":    {args: []string{"curl", "-sS", "--noproxy", "*"}},
		"wget":    {args: []string{"wget", "-q", "--no-proxy", "-O", "-"}},
		"python":  {args: []string{"/usr/bin/python3", "-c", "import sys,urllib.request as r\nfor u in sys.argv[1:]: print(r.build_opener(r.ProxyHandler({})).open(u).read().decode())"}},
		"asyncio": {args: []string{"/usr/bin/python3", "-c", asyncioClient}},
		"node":    {args: []string{"node", "-e", nodeClient}},
	} {
		for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
			t.Run(name+" "+at, func(t *testing.T) {
				if _, err := exec.LookPath(c.args[0]); err != nil {
					netnstest.Missing(t, "program "+c.args[0])
				}
				chosen, other := newServer(t, at), newServer(t, at)
				cmd := exec.Command(c.args[0], append(c.args[1:], "http://"+chosen.address.String()+"/", "http://"+other.address.String()+"/")...)
				check(t, cmd, chosen, other)
			})
		}
	}
}

// TestGoProgram is for one that makes its system calls itself.
func TestGoProgram(t *testing.T) {
	for i, want := range []bool{true, false} {
		servers := []*server{newServer(t, "127.0.0.1:0"), newServer(t, "127.0.0.1:0")}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), childVariable+"=connect http://"+servers[i].address.String()+"/", "GORACE=atexit_sleep_ms=0")
		out, reasons := supervise(t, cmd, servers[0].address)
		if got := servers[i].seen(); len(got) != 1 || got[0] != want || len(reasons) > 0 || strings.TrimSpace(out) != "hello" {
			t.Errorf("chosen %v: connections of MPTCP: %v, %q, left: %v", want, got, out, reasons)
		}
	}
}

func check(t *testing.T, cmd *exec.Cmd, chosen, other *server) {
	t.Helper()
	out, reasons := supervise(t, cmd, chosen.address)
	if n := strings.Count(out, "hello"); n != 2 {
		t.Errorf("%d answers: %q", n, out)
	}
	checkSeen(t, chosen, other, reasons)
}

func dialUnix(path string) func(ctx context.Context, _, _ string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
}

func checkSeen(t *testing.T, chosen, other *server, reasons []error) {
	t.Helper()
	if got := chosen.seen(); len(got) != 1 || !got[0] || len(reasons) > 0 {
		t.Errorf("connections of MPTCP to the server that was chosen: %v, left: %v", got, reasons)
	}
	if got := other.seen(); len(got) != 1 || got[0] {
		t.Errorf("connections of MPTCP to the server that was not: %v", got)
	}
}
