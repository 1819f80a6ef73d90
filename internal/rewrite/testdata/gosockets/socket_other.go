//go:build !386

package main

import "syscall"

const rawSocket = syscall.SYS_SOCKET
