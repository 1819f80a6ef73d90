// Goprogram plays the roles of ../program by package net, or by raw system calls.
//
// Since Go 1.24 listeners are of MPTCP anyway; this one is of before.
//
//go:debug multipathtcp=0
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"
)

func main() {
	if err := goOn(os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func goOn(words []string) error {
	if len(words) == 0 {
		return nil
	}
	switch words[0] {
	case "many":
		if err := many(words[1]); err != nil {
			return err
		}
		return goOn(words[2:])
	case "net":
		return byPackage(words[1], words[2], words[3])
	case "raw":
		return byCalls(words[1], words[2], words[3])
	}
	return fmt.Errorf("%s: no such mode", words[0])
}

// many opens sockets from goroutines, and keeps them.
func many(number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	protocols := make([]int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if fd, err := syscall.Socket(family(i%2 == 0), syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err == nil {
				protocols[i] = protocolOf(fd)
			}
		})
	}
	all.Wait()
	converted := 0
	for _, p := range protocols {
		if p == 262 {
			converted++
		}
	}
	fmt.Printf("%d of MPTCP, %d others\n", converted, n-converted)
	return nil
}

func family(four bool) int {
	if four {
		return syscall.AF_INET
	}
	return syscall.AF_INET6
}

func protocolOf(fd int) int {
	const soProtocol = 38
	p, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, soProtocol)
	if err != nil {
		return -1
	}
	return p
}
