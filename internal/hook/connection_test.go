package hook

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"allroads/mptcp"
)

// talk is a task's word for package net: "listen ADDRESS" answers with the address,
// and the next "accept" with what it accepted; "dial ADDRESS" with what came of it.
// Package net itself asks for TCP here.
func talk(words string) string {
	verb, address, _ := strings.Cut(words, " ")
	answer, err := talkers[verb](address)
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return answer
}

var talkers = map[string]func(string) (string, error){"listen": talkListen, "accept": talkAccept, "dial": talkDial}

var talking struct {
	listener net.Listener
	conns    []net.Conn // They stay open.
}

func talkListen(address string) (string, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", err
	}
	talking.listener = l
	return l.Addr().String(), nil
}

func talkAccept(string) (string, error) {
	conn, err := talking.listener.Accept()
	if err != nil {
		return "", err
	}
	return about(conn)
}

func talkDial(address string) (string, error) {
	var dialer net.Dialer
	dialer.SetMultipathTCP(false)
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return "", err
	}
	return about(conn)
}

// about sends a byte each way, after which the handshake is complete, and says what
// the kernel says of the connection.
func about(conn net.Conn) (string, error) {
	talking.conns = append(talking.conns, conn)
	if _, err := conn.Write([]byte("x")); err != nil {
		return "", err
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		return "", err
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return "", err
	}
	protocol := ""
	if err := raw.Control(func(fd uintptr) { protocol = protocolOf(int(fd)) }); err != nil {
		return "", err
	}
	status, err := mptcp.ReadStatus(conn.(syscall.Conn))
	if err != nil {
		return "", err
	}
	token := "-"
	if info, err := mptcp.ReadInfo(conn.(syscall.Conn)); err == nil {
		token = fmt.Sprintf("%08x", info.Token)
	}
	return fmt.Sprintf("%s %s %v", protocol, token, status), nil
}

// TestConnection: Go programs that use package net, as client and as server, have a
// real MPTCP connection; ss lists it with the token that the program sees.
func TestConnection(t *testing.T) {
	requireHook(t)
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			c := newCgroup(t, "connection")
			hooked(t, c)
			server, client := start(t, c), start(t, c)
			at := server.ask("talk listen %s", address)
			server.send("talk accept")
			for _, got := range []string{client.ask("talk dial %s", at), server.answer()} {
				wantMultipath(t, got)
			}
			plain := start(t, nil)
			server.send("talk accept")
			if got := plain.ask("talk dial %s", at); !strings.HasPrefix(got, isTCP+" - ") {
				t.Errorf("a client outside of the cgroup has %s", got)
			}
			if got := server.answer(); strings.HasPrefix(got, isMPTCP+" ") {
				t.Errorf("the server's connection with it is %s", got)
			}
		})
	}
}

// wantMultipath holds what a task said of its connection against what ss says.
func wantMultipath(t *testing.T, got string) {
	t.Helper()
	words := strings.SplitN(got, " ", 3)
	if len(words) < 3 || words[0] != isMPTCP || words[2] != (mptcp.Status{Kind: mptcp.KindMPTCP}).String() {
		t.Errorf("the connection is %q", got)
		return
	}
	out, err := exec.Command("ss", "-Mnti").CombinedOutput()
	if err != nil {
		t.Fatalf("ss -Mnti: %v: %s", err, out)
	}
	if !strings.Contains(string(out), "token:"+strings.TrimLeft(words[1], "0")) {
		t.Errorf("ss does not list the token %s:\n%s", words[1], out)
	}
}
