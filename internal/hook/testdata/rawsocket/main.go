// Command rawsocket makes TCP sockets in both ways that a 32-bit program has, and
// prints which protocol each really is.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		for name, open := range ways {
			fd, err := open(family)
			if err == nil {
				var protocol int
				protocol, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
				fmt.Println(name, family, protocol)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, name, family, err)
				os.Exit(1)
			}
		}
	}
}

// ways: Go's own is socketcall(2) on 386; C libraries take socket(2) nowadays.
var ways = map[string]func(family int) (int, error){
	"library": func(family int) (int, error) { return unix.Socket(family, unix.SOCK_STREAM, 0) },
	"socket": func(family int) (int, error) {
		const socket386 = 359
		fd, _, number := unix.Syscall(socket386, uintptr(family), unix.SOCK_STREAM, unix.IPPROTO_TCP)
		if number != 0 {
			return -1, number
		}
		return int(fd), nil
	},
}
