package main

import (
	"fmt"
	"io"
	"net"
	"syscall"
)

func byPackage(role, address, port string) error {
	at := net.JoinHostPort(address, port)
	if role == "client" {
		c, err := net.Dial("tcp", at)
		if err != nil {
			return err
		}
		show("protocol", c.(*net.TCPConn))
		show("connected", c.(*net.TCPConn))
		return talk(c, "ping\n")
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return err
	}
	show("protocol", l.(*net.TCPListener))
	fmt.Println("ready")
	c, err := l.Accept()
	if err != nil {
		return err
	}
	show("accepted", c.(*net.TCPConn))
	return talk(c, "pong\n")
}

// show says what a socket truly is.
func show(word string, c syscall.Conn) {
	raw, err := c.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { fmt.Println(word, protocolOf(int(fd))) })
	}
	if err != nil {
		fmt.Println(err)
	}
}

// talk says something, and what the other end says until it is done.
func talk(c io.ReadWriter, words string) error {
	if _, err := c.Write([]byte(words)); err != nil {
		return err
	}
	var text []byte
	for b := make([]byte, 100); ; {
		n, err := c.Read(b)
		text = append(text, b[:n]...)
		if n <= 0 || err != nil {
			fmt.Printf("got %s", text)
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}
