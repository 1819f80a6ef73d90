// Gosockets asks for sockets in every way that the processor has, from many threads,
// and prints what came of them. It needs nothing but the system call package, so
// that it is built for other processors in no time.
package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

func main() {
	threads, each := 1, 1
	if len(os.Args) == 3 {
		threads, _ = strconv.Atoi(os.Args[1])
		each, _ = strconv.Atoi(os.Args[2])
	}
	counts, mu := map[string]int{}, sync.Mutex{}
	var all sync.WaitGroup
	for range threads {
		all.Add(1)
		go func() {
			defer all.Done()
			runtime.LockOSThread()
			for range each {
				got := ask()
				mu.Lock()
				counts[got]++
				mu.Unlock()
			}
		}()
	}
	all.Wait()
	for got, n := range counts {
		println(strconv.Itoa(n) + " times " + got)
	}
}

// ask opens a socket with the raw call and with the package's (on 386: socketcall).
func ask() string {
	raw, _, errno := syscall.RawSyscall(rawSocket, syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if errno != 0 {
		return "raw: " + errno.Error()
	}
	defer syscall.Close(int(raw))
	usual, err := syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, syscall.IPPROTO_TCP)
	if err != nil {
		return "usual: " + err.Error()
	}
	defer syscall.Close(usual)
	return "raw " + protocol(int(raw)) + ", usual " + protocol(usual)
}

func protocol(fd int) string {
	const soProtocol = 38
	p, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, soProtocol)
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(p)
}
