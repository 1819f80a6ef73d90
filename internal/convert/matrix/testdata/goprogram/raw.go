package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"syscall"
)

func byCalls(role, address, port string) error {
	at, err := netip.ParseAddr(address)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	fd, err := syscall.Socket(family(at.Is4()), syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	fmt.Println("protocol", protocolOf(fd))
	if role == "client" {
		return rawClient(fd, sockaddr(at, number))
	}
	return rawServer(fd, sockaddr(at, number))
}

func sockaddr(at netip.Addr, port int) syscall.Sockaddr {
	if at.Is4() {
		return &syscall.SockaddrInet4{Addr: at.As4(), Port: port}
	}
	return &syscall.SockaddrInet6{Addr: at.As16(), Port: port}
}

func rawClient(fd int, to syscall.Sockaddr) error {
	if err := syscall.Connect(fd, to); err != nil {
		return err
	}
	fmt.Println("connected", protocolOf(fd))
	return talk(descriptor(fd), "ping\n")
}

func rawServer(fd int, at syscall.Sockaddr) error {
	if err := syscall.Bind(fd, at); err != nil {
		return err
	}
	if err := syscall.Listen(fd, 5); err != nil {
		return err
	}
	fmt.Println("ready")
	peer, _, err := syscall.Accept(fd)
	if err != nil {
		return err
	}
	fmt.Println("accepted", protocolOf(peer))
	return talk(descriptor(peer), "pong\n")
}

type descriptor int

func (d descriptor) Read(b []byte) (int, error)  { return syscall.Read(int(d), b) }
func (d descriptor) Write(b []byte) (int, error) { return syscall.Write(int(d), b) }
