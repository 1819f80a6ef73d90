package holding

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// hold makes sockets, tells by their descriptors what they are, and stays until its
// standard input ends.
func hold(what string) error {
	for word := range strings.FieldsSeq(what) {
		fds, err := make1(word)
		if err != nil {
			return fmt.Errorf("%s: %w", word, err)
		}
		for i, fd := range fds {
			fmt.Printf("%s %d %d\n", word, i, fd)
		}
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// make1 makes what a word says: of a connection, both ends and the listener.
func make1(word string) ([]int, error) {
	switch word {
	case "mptcp":
		fds, err := connected(unix.IPPROTO_MPTCP, unix.IPPROTO_MPTCP)
		if err == nil {
			err = exchange(fds[0], fds[1])
		}
		return fds, err
	case "tcp":
		return connected(unix.IPPROTO_TCP, unix.IPPROTO_TCP)
	case "to-tcp": // falls back
		return connected(unix.IPPROTO_MPTCP, unix.IPPROTO_TCP)
	case "from-tcp":
		return connected(unix.IPPROTO_TCP, unix.IPPROTO_MPTCP)
	case "new-mptcp":
		return single(unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	case "new-tcp":
		return single(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP)
	case "udp":
		return single(unix.AF_INET6, unix.SOCK_DGRAM, 0)
	case "unix":
		return single(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	case "netlink":
		return single(unix.AF_NETLINK, unix.SOCK_RAW, 0)
	case "twice":
		fds, err := single(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return nil, err
		}
		again, err := unix.Dup(fds[0])
		return []int{fds[0], again}, err
	case "options":
		fds, err := connected(unix.IPPROTO_TCP, unix.IPPROTO_TCP)
		if err == nil {
			err = unix.SetsockoptInt(fds[0], unix.SOL_TCP, unix.TCP_USER_TIMEOUT, 5000)
		}
		if err == nil {
			err = unix.SetsockoptInt(fds[0], unix.SOL_IP, unix.IP_RECVTOS, 1)
		}
		if err == nil {
			err = unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)
		}
		return fds, err
	case "many":
		return many()
	}
	return nil, fmt.Errorf("what is that?")
}

func single(family, kind, protocol int) ([]int, error) {
	fd, err := unix.Socket(family, kind, protocol)
	return []int{fd}, err
}

// connected returns the end that connects, that which accepts, and the listener.
func connected(from, to int) ([]int, error) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, to)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, err
	}
	if err := unix.Listen(listener, 128); err != nil {
		return nil, err
	}
	one, other, err := pair(listener, from)
	return []int{one, other, listener}, err
}

func pair(listener, from int) (one, other int, err error) {
	at, err := unix.Getsockname(listener)
	if err != nil {
		return 0, 0, err
	}
	if one, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, from); err != nil {
		return 0, 0, err
	}
	if err = unix.Connect(one, at); err != nil {
		return 0, 0, err
	}
	other, _, err = unix.Accept(listener)
	return one, other, err
}

// exchange sends a byte each way: before, the kernel begins no further subflow.
func exchange(one, other int) error {
	for _, way := range [][2]int{{one, other}, {other, one}} {
		if _, err := unix.Write(way[0], []byte{1}); err != nil {
			return err
		}
		if _, err := unix.Read(way[1], make([]byte, 1)); err != nil {
			return err
		}
	}
	return nil
}

// many is 1000 connections, half of them of MPTCP, with both ends.
func many() (fds []int, err error) {
	for range 2 {
		first, err := connected(unix.IPPROTO_MPTCP, unix.IPPROTO_MPTCP)
		if err != nil {
			return nil, err
		}
		for i := range 499 {
			from := unix.IPPROTO_MPTCP
			if i%2 == 0 {
				from = unix.IPPROTO_TCP
			}
			if _, _, err := pair(first[2], from); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// holder is a process that holds sockets, and which descriptors they have.
type holder struct {
	pid int
	fds map[string][]int
}

// holds starts a process that holds what the words say, in a namespace, nil: this.
func holds(t testing.TB, ns *netns.NS, what string) *holder {
	t.Helper()
	command := exec.Command("/proc/self/exe")
	command.Env = append(os.Environ(), holderVariable+"="+what)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := command.Start
	if ns != nil {
		start = func() error { return ns.Do(command.Start) }
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = command.Wait() })
	h := &holder{command.Process.Pid, map[string][]int{}}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var word string
		var i, fd int
		if lines.Text() == "ready" {
			return h
		}
		if _, err := fmt.Sscan(lines.Text(), &word, &i, &fd); err != nil {
			netnstest.Missing(t, lines.Text())
		}
		h.fds[word] = append(h.fds[word], fd)
	}
	t.Fatal("the holder has ended")
	return nil
}

// inside is a namespace with a loopback interface, where connections have two subflows.
func inside(t testing.TB) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	for _, command := range []string{"ip link set lo up", "ip addr add 127.9.9.9/8 dev lo", "ip mptcp limits set subflows 2 add_addr_accepted 2", "ip mptcp endpoint add 127.9.9.9 dev lo subflow"} {
		netnstest.Output(t, ns, command)
	}
	return ns
}
