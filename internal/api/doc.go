// Package api serves the control API of allroadsd (package control) over a Unix socket.
package api
