// Package inetdiag is how sockets of IP are asked for over the kernel's sock_diag
// interface (linux/inet_diag.h).
package inetdiag
