package replace

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestRewatch: who registered a socket before gets events of the new one, with the data
// that was given, and can change and remove what is registered.
func TestRewatch(t *testing.T) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(epoll)
	server := newSocket(t, unix.AF_INET, unix.IPPROTO_MPTCP)
	if err := errors.Join(unix.Bind(server, loopback4), unix.Listen(server, 1)); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(server)
	if err != nil {
		t.Fatal(err)
	}
	old := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	told := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET&0xffffffff, Fd: -7, Pad: 0x12345678}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, old, &told); err != nil {
		t.Fatal(err)
	}
	inode, err := inodeOf(old)
	if err != nil {
		t.Fatal(err)
	}
	instances, err := sole(os.Getpid(), old, inode)
	if err != nil || len(instances) != 1 || instances[0] != epoll {
		t.Fatalf("instances %v (%v), want %d", instances, err, epoll)
	}
	got := newSocket(t, unix.AF_INET, unix.IPPROTO_MPTCP)
	if err := rewatch(os.Getpid(), epoll, old, inode, got); err != nil {
		t.Fatal(err)
	}
	if err := unix.Dup3(got, old, unix.O_CLOEXEC); err != nil { // as Listener.Replace does
		t.Fatal(err)
	}
	unix.Close(got)
	if err := unix.Connect(old, at); err != nil {
		t.Fatal(err)
	}
	var events [4]unix.EpollEvent
	n, err := unix.EpollWait(epoll, events[:], 10_000)
	if err != nil || n != 1 || events[0].Fd != told.Fd || events[0].Pad != told.Pad || events[0].Events != unix.EPOLLOUT {
		t.Errorf("events %+v (%v), want EPOLLOUT with what was given", events[:max(n, 0)], err)
	}
	told.Events = unix.EPOLLIN
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_MOD, old, &told); err != nil {
		t.Errorf("change: %v", err)
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_DEL, old, nil); err != nil {
		t.Errorf("remove: %v", err)
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_DEL, old, nil); err != unix.ENOENT {
		t.Errorf("remove again: %v", err)
	}
}

const epollClient = `
import select, socket, sys, errno
from urllib.parse import urlparse
e = select.epoll()
for url in sys.argv[1:]:
    u = urlparse(url)
    s = socket.socket(socket.AF_INET)
    s.setblocking(False)
    e.register(s.fileno(), select.EPOLLOUT | select.EPOLLET)
    assert s.connect_ex((u.hostname, u.port)) in (0, errno.EINPROGRESS)
    assert e.poll(10) == [(s.fileno(), select.EPOLLOUT)]
    s.send(b"GET / HTTP/1.0\r\n\r\n")
    e.modify(s.fileno(), select.EPOLLIN)
    got = b""
    while True:
        assert e.poll(10), "no event"
        d = s.recv(1000)
        if not d: break
        got += d
    print(got.decode().split()[-1])
    e.unregister(s.fileno())
`

// TestWatchedProgram registers each socket before it connects.
func TestWatchedProgram(t *testing.T) {
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		netnstest.Missing(t, "program python3")
	}
	chosen, other := newServer(t, "127.0.0.1:0"), newServer(t, "127.0.0.1:0")
	cmd := exec.Command("/usr/bin/python3", "-c", epollClient,
		"http://"+chosen.address.String()+"/", "http://"+other.address.String()+"/")
	check(t, cmd, chosen, other)
}

const nginxConfig = `
user root root; worker_processes 1; daemon off; pid %[1]s/pid; error_log %[1]s/err;
events { use epoll; }
http { access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s;
  uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  server { listen unix:%[1]s/socket; location /a { proxy_pass http://%[2]s/; } location /b { proxy_pass http://%[3]s/; } } }`

// TestNginx: a reverse proxy reaches its servers with MPTCP, or not.
func TestNginx(t *testing.T) {
	if _, err := exec.LookPath("nginx"); err != nil {
		netnstest.Missing(t, "program nginx")
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	chosen, other := newServer(t, "127.0.0.1:0"), newServer(t, "127.0.0.1:0")
	config := filepath.Join(dir, "conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, chosen.address, other.address), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-p", dir, "-c", config)
	answers := make(chan string)
	go askNginx(dir, answers)
	_, reasons := supervise(t, cmd, chosen.address)
	if got := <-answers; got != "hello\nhello\n" {
		t.Errorf("answers %q", got)
	}
	checkSeen(t, chosen, other, reasons)
}

// askNginx asks when it is there, and ends it.
func askNginx(dir string, answers chan<- string) {
	socket := filepath.Join(dir, "socket")
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialUnix(socket)}}
	text := ""
	for range 500 {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // the file is there before it is listened to
	for _, path := range []string{"/a", "/b"} {
		response, err := client.Get("http://nginx" + path)
		if err != nil {
			text += err.Error()
			continue
		}
		body, _ := io.ReadAll(response.Body)
		text += string(body)
	}
	pid := 0
	content, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err == nil {
		pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
	}
	if err == nil {
		err = unix.Kill(pid, unix.SIGTERM)
	}
	if err != nil {
		text += err.Error()
	}
	answers <- text
}

func TestRegistration(t *testing.T) {
	content := []byte("pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t1057\n" +
		"tfd:        9 events:       1d data:                9  pos:0 ino:ff sdev:8\n" +
		"tfd:        9 events: 8000201d data: fffffffe00000009  pos:0 ino:3ea1 sdev:8\n")
	for inode, want := range map[uint64]uint32{0xff: 0x1d, 0x3ea1: 0x8000201d, 7: 0} {
		event, found := registration(content, 9, inode)
		if event.Events != want || found != (want != 0) {
			t.Errorf("inode %#x: %+v, %v", inode, event, found)
		}
	}
	if _, found := registration(content, 8, 0xff); found {
		t.Error("another number is found")
	}
}
