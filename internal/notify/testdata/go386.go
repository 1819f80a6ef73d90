// Command go386 opens sockets as a 32-bit program does.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	open("4", syscall.AF_INET, syscall.SOCK_STREAM)
	open("10", syscall.AF_INET6, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC)
	open("4", syscall.AF_INET, syscall.SOCK_DGRAM)
}

func open(name string, family, kind int) {
	fd, err := syscall.Socket(family, kind, 0)
	if err != nil {
		fmt.Println(name, err)
		return
	}
	const protocol = 38 // SO_PROTOCOL
	got, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, protocol)
	if err != nil {
		fmt.Println(name, err)
		return
	}
	fmt.Println(name, got)
}
