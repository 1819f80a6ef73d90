package ipmptcp

import (
	"fmt"

	"allroads/pathmanager"
)

// endpointFields are the keys of iproute2, in its order.
func endpointFields(e pathmanager.Endpoint, device deviceNames) (f fields) {
	f.text("address", formatAddress(e.Addr))
	if e.Port != 0 {
		f.number("port", int64(e.Port))
	}
	f.number("id", int64(e.ID))
	for _, word := range e.Flags.Words() {
		f.truth(word, true)
	}
	if unknown := e.Flags.Unknown(); unknown != 0 {
		f.text("rawflags", fmt.Sprintf("%02x", uint32(unknown)))
	}
	if e.IfIndex != 0 {
		f.text("dev", device(e.IfIndex))
	}
	return f
}

// endpointsDocument is allroads.endpoints/1, one line.
func endpointsDocument(endpoints []pathmanager.Endpoint, token *pathmanager.Token, device deviceNames) []byte {
	var document fields
	document.text("schema", "allroads.endpoints/1")
	if token != nil {
		document.text("token", token.String())
	}
	var list [][]byte
	for _, e := range endpoints {
		list = append(list, endpointObject(e, device))
	}
	document.list("endpoints", list)
	return append(document.line(), '\n')
}

func endpointObject(e pathmanager.Endpoint, device deviceNames) []byte {
	var f fields
	f.text("address", e.Addr.String())
	f.number("id", int64(e.ID))
	if e.Port != 0 {
		f.number("port", int64(e.Port))
	}
	var flags [][]byte
	for _, word := range e.Flags.Words() {
		flags = append(flags, quote(word))
	}
	f.list("flags", flags)
	if unknown := e.Flags.Unknown(); unknown != 0 {
		f.number("unknown_flags", int64(unknown))
	}
	if e.IfIndex != 0 {
		f.number("ifindex", int64(e.IfIndex))
		f.text("dev", utf8(device(e.IfIndex)))
	}
	return f.line()
}
